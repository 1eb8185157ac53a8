package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"tabcell/cmd/dist/internal/gotool"
)

// stage builds the program of this machine and lets it write the files that follow from the
// program: man pages, completions, and configuration.
func (b *builder) stage() error {
	if err := b.program(hostPlatform); err != nil {
		return err
	}
	return b.run("generate", "--date", b.src.Time.Format("2006-01-02"), b.staged(""))
}

// staged returns the path of a file that stage has written.
func (b *builder) staged(name string) string { return filepath.Join(b.work, "staged", name) }

// program builds the program of a platform, unless it exists.
func (b *builder) program(platform string) error {
	if b.programs[platform] != "" {
		return nil
	}
	name := "tabcell"
	if strings.HasPrefix(platform, "windows/") {
		name += ".exe"
	}
	file := filepath.Join(b.work, "programs", fileName(platform), name)
	t := gotool.Tool{Stdout: io.Discard, Stderr: b.stderr}
	if err := t.Build(file, platform, b.src); err != nil {
		return err
	}
	b.programs[platform] = file
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	return b.progress.done(fmt.Sprintf("program for %s, %.2f MB", platform, float64(info.Size())/1e6))
}

// bill writes the bill of materials of a platform's program. The program of this machine reads the
// list of modules from the other one, which cannot run here.
func (b *builder) bill(platform string) error {
	file := b.path("tabcell-%s-%s.cdx.json", b.src.Version, fileName(platform))
	text, err := b.output("version", "--sbom", "--program", b.programs[platform])
	if err != nil {
		return err
	}
	if err := os.WriteFile(file, text, 0o644); err != nil {
		return err
	}
	return b.progress.done("", file)
}

// compile lets the program compile the guests into a folder, which it returns.
func (b *builder) compile() (string, error) {
	folder := filepath.Join(b.work, "tabcell-code")
	if _, err := os.Stat(folder); err == nil {
		return folder, nil
	}
	// The cache of this user could have code of an earlier build.
	if err := b.run("warm", "--into", folder, "--cache-dir", filepath.Join(b.work, "cache")); err != nil {
		return "", err
	}
	return folder, b.progress.done("compiled code for " + hostPlatform)
}

// run runs the program of this machine.
func (b *builder) run(args ...string) error {
	_, err := b.output(args...)
	return err
}

// output runs the program of this machine, without the settings of this user's environment, and
// returns its output.
func (b *builder) output(args ...string) ([]byte, error) {
	cmd := exec.CommandContext(b.ctx, b.programs[hostPlatform], args...)
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "TABCELL_") && !strings.HasPrefix(variable, "TABPY_") {
			cmd.Env = append(cmd.Env, variable)
		}
	}
	// Compiled code includes a booted guest, which depends on the time zone. That of the container
	// images is UTC, and files of a release do not depend on the zone of this machine.
	cmd.Env = append(cmd.Env, "TZ=UTC")
	var messages bytes.Buffer
	cmd.Stderr = &messages
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("tabcell %s: %w\n%s", strings.Join(args, " "), err, bytes.TrimSpace(messages.Bytes()))
	}
	return out, err
}
