package overlay

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// The go command does not replace files in the module cache. The overlay therefore adds a folder
// with wazero's files to the main module, and to go.mod a replace directive that points to it. Its
// path is relative, so that the program's build information has no path of this machine. The files
// exist in the overlay only; the assembler and go vet run in the folders, which stay empty.

// virtualDir is the folder of wazero below the main module, with slashes. Git ignores dist.
const virtualDir = "dist/engine"

// Module is a version of wazero and the folder with its files.
type Module struct{ Version, Dir string }

// Overlay describes an overlay file.
type Overlay struct {
	File    string // path of the overlay file
	Version string // of wazero
	Digest  string // of the version and the patches, hexadecimal
}

// Write applies patches to copies of wazero's files and writes the overlay file for the main module
// in the folder root. Both are in a folder below cache that is named after the digest of the
// patches. Files that exist are compared with their new content and replaced if they differ.
func Write(cache, root string, m Module, patches []Patch) (Overlay, error) {
	for _, p := range patches {
		if p.Version != m.Version {
			return Overlay{}, fmt.Errorf("%s is for wazero %s, but go.mod requires %s; adapt the patches as their README.md describes",
				p.Name, p.Version, m.Version)
		}
	}
	files, err := apply(m.Dir, patches)
	if err != nil {
		return Overlay{}, err
	}
	o := Overlay{Version: m.Version, Digest: digest(m.Version, patches)}
	if err := setDigest(files, o.Digest); err != nil {
		return Overlay{}, err
	}
	virtual := filepath.Join(root, filepath.FromSlash(virtualDir))
	replace, err := unchanged(virtual, m.Dir)
	if err != nil {
		return Overlay{}, err
	}
	own := filepath.Join(cache, o.Digest[:16])
	for name, content := range files {
		copied := filepath.Join(own, filepath.FromSlash(name))
		if err := writeFile(copied, content); err != nil {
			return Overlay{}, err
		}
		replace[filepath.Join(virtual, filepath.FromSlash(name))] = copied
	}
	if err := replaceGoMod(own, root, replace); err != nil {
		return Overlay{}, err
	}
	o.File, err = writeOverlay(own, replace)
	return o, err
}

// unchanged returns the replacements of all files that a build needs by wazero's own files in dir.
// It creates the folders of the packages.
func unchanged(virtual, dir string) (map[string]string, error) {
	replace := map[string]string{}
	err := filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		switch name := d.Name(); {
		case err != nil:
			return err
		case d.IsDir() && (name == "testdata" || name == "examples"):
			return filepath.SkipDir
		case d.IsDir(), strings.HasSuffix(name, "_test.go"):
			return nil
		case name != "go.mod" && filepath.Ext(name) != ".go" && filepath.Ext(name) != ".s":
			return nil
		}
		below, err := filepath.Rel(dir, file)
		if err != nil {
			return err
		}
		replace[filepath.Join(virtual, below)] = file
		return os.MkdirAll(filepath.Join(virtual, filepath.Dir(below)), 0o755)
	})
	return replace, err
}

// replaceGoMod adds the replacement of go.mod. Its copy is named after its content, because several
// work trees share the folder own.
func replaceGoMod(own, root string, replace map[string]string) error {
	original := filepath.Join(root, "go.mod")
	text, err := os.ReadFile(original)
	if err != nil {
		return err
	}
	text = fmt.Appendf(text, "\nreplace %s => ./%s\n", WazeroPath, virtualDir)
	replace[original] = filepath.Join(own, contentName("go", text, ".mod"))
	return writeFile(replace[original], text)
}

func writeOverlay(own string, replace map[string]string) (string, error) {
	text, _ := json.MarshalIndent(map[string]any{"Replace": replace}, "", "  ") // strings always marshal
	file := filepath.Join(own, contentName("overlay", text, ".json"))
	return file, writeFile(file, text)
}

// contentName returns a file name with the beginning of the content's digest.
func contentName(stem string, content []byte, ext string) string {
	sum := sha256.Sum256(content)
	return fmt.Sprintf("%s-%x%s", stem, sum[:8], ext)
}

// writeFile writes a file as a whole, unless it has the content already.
func writeFile(file string, content []byte) error {
	if existing, err := os.ReadFile(file); err == nil && bytes.Equal(existing, content) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(file), "new-*")
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}
