// Package gotool runs the go command with the patched engine.
package gotool

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"tabcell/cmd/dist/internal/overlay"
	"tabcell/cmd/dist/internal/peversion"
	"tabcell/cmd/dist/internal/source"
)

// modulePath is the path of the module that has the patches.
const modulePath = "tabcell"

// Tool runs the go command. Its output goes to Stdout and Stderr.
type Tool struct{ Stdout, Stderr io.Writer }

// Build builds the program from src into the file out, for a platform such as linux/arm64. If out
// is empty, it is dist/tabcell; if platform is empty, it is that of the environment.
func (t Tool) Build(out, platform string, src source.Source) error {
	env := []string{"CGO_ENABLED=0"}
	if platform != "" {
		system, arch, ok := strings.Cut(platform, "/")
		if !ok {
			return fmt.Errorf("%q is not a platform; use OS/ARCH, such as linux/arm64", platform)
		}
		env = append(env, "GOOS="+system, "GOARCH="+arch)
	}
	o, err := t.overlay()
	if err != nil {
		return err
	}
	if out == "" {
		if out, err = t.defaultOut(env); err != nil {
			return err
		}
	}
	if out, err = filepath.Abs(out); err != nil {
		return err
	}
	args := append([]string{"build", "-trimpath", "-overlay", o.File, "-o", out}, Stamp(src)...)
	if err := t.Go(o.root, env, append(args, "./cmd/tabcell")...); err != nil {
		return err
	}
	if strings.HasPrefix(platform, "windows/") {
		if err := peversion.Write(out, src.Version, src.Time); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(t.Stdout, "%s: tabcell %s, wazero %s, patched %.12s\n", out, cmp.Or(src.Version, "(devel)"), o.Version, o.Digest)
	return err
}

// defaultOut returns the path of the program in the folder dist of the module.
func (t Tool) defaultOut(env []string) (string, error) {
	text, err := output(env, "env", "GOMOD", "GOEXE")
	if err != nil {
		return "", err
	}
	mod, exe, _ := strings.Cut(text, "\n")
	return filepath.Join(filepath.Dir(mod), "dist", "tabcell"+strings.TrimSpace(exe)), nil
}

// Run runs a go command in the current folder, with the patched engine.
func (t Tool) Run(command string, args []string) error {
	o, err := t.overlay()
	if err != nil {
		return err
	}
	return t.Go("", nil, append([]string{command, "-overlay", o.File}, args...)...)
}

// PrintOverlay writes the overlay and prints its path.
func (t Tool) PrintOverlay() error {
	o, err := t.overlay()
	if err == nil {
		_, err = fmt.Fprintln(t.Stdout, o.File)
	}
	return err
}

// Go runs the go command in a folder, the current one if it is empty, with additional variables of
// the environment.
func (t Tool) Go(dir string, env []string, args ...string) error {
	cmd := exec.Command("go", args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, t.Stdout, t.Stderr
	return cmd.Run()
}

// patched is the overlay of the module in the folder root.
type patched struct {
	overlay.Overlay
	root string
}

// Root returns the folder of the module that the current folder is in.
func Root() (string, error) {
	mod, err := output(nil, "env", "GOMOD")
	if err != nil {
		return "", err
	}
	if name, err := output(nil, "list", "-m"); err != nil || name != modulePath {
		return "", fmt.Errorf("the current folder is not in the module %s; change to its source", modulePath)
	}
	return filepath.Dir(mod), nil
}

// overlay writes the overlay of the module in the current folder into the user's cache folder.
func (t Tool) overlay() (patched, error) {
	root, err := Root()
	if err != nil {
		return patched{}, err
	}
	module, err := Wazero()
	if err != nil {
		return patched{}, err
	}
	patches, err := overlay.ReadPatches(filepath.Join(root, "runtime", "engine", "patches"))
	if err != nil {
		return patched{}, err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return patched{}, fmt.Errorf("there is no cache folder for the patched files: %w", err)
	}
	o, err := overlay.Write(filepath.Join(cache, "tabcell-engine"), root, module, patches)
	return patched{o, root}, err
}

// Wazero returns the version of wazero that go.mod requires and the folder of its files, which it
// downloads if necessary.
func Wazero() (overlay.Module, error) {
	text, err := output(nil, "list", "-m", "-json", overlay.WazeroPath)
	if err != nil {
		return overlay.Module{}, err
	}
	var m struct {
		Version, Dir string
		Replace      *struct{ Path string }
	}
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		return overlay.Module{}, err
	}
	if m.Replace != nil {
		return overlay.Module{}, fmt.Errorf("go.mod replaces %s by %s; the patches are for the released module", overlay.WazeroPath, m.Replace.Path)
	}
	if m.Dir == "" {
		if text, err = output(nil, "mod", "download", "-json", overlay.WazeroPath); err != nil {
			return overlay.Module{}, err
		}
		if err := json.Unmarshal([]byte(text), &m); err != nil {
			return overlay.Module{}, err
		}
	}
	return overlay.Module{Version: m.Version, Dir: m.Dir}, nil
}

// output runs the go command and returns its output without the last line feed.
func output(env []string, args ...string) (string, error) {
	cmd := exec.Command("go", args...)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		err = fmt.Errorf("go %s: %s", strings.Join(args, " "), strings.TrimSpace(string(failed.Stderr)))
	}
	return strings.TrimRight(string(out), "\r\n"), err
}
