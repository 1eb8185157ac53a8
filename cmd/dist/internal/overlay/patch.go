// Package overlay applies patches to copies of a module's files, and writes the file that makes the
// go command read the copies in place of the originals (go help build, -overlay).
package overlay

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/bluekeyes/go-gitdiff/gitdiff"
)

// WazeroPath is the path of the module that the patches change.
const WazeroPath = "github.com/tetratelabs/wazero"

// Patch is a patch file.
type Patch struct {
	Name    string // of the file
	Version string // of wazero, for which it is
	Files   []*gitdiff.File
	raw     []byte
}

// ReadPatches reads the patch files in a folder, in the order of their names. The first line of
// each is "wazero VERSION: SUBJECT".
func ReadPatches(dir string) ([]Patch, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.patch"))
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("%s has no patches", dir)
	}
	var patches []Patch
	for _, file := range paths { // sorted by Glob
		p, err := readPatch(file)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		patches = append(patches, p)
	}
	return patches, nil
}

func readPatch(file string) (p Patch, err error) {
	if p.raw, err = os.ReadFile(file); err != nil {
		return p, err
	}
	var text string
	if p.Files, text, err = gitdiff.Parse(bytes.NewReader(p.raw)); err != nil {
		return p, err
	}
	subject, _, _ := strings.Cut(text, "\n")
	version, _, ok := strings.Cut(strings.TrimPrefix(subject, "wazero "), ": ")
	if !ok || !strings.HasPrefix(subject, "wazero v") {
		return p, fmt.Errorf("the first line is %q; it must be \"wazero VERSION: SUBJECT\"", subject)
	}
	p.Name, p.Version = filepath.Base(file), version
	for _, f := range p.Files {
		if err := checkFile(f); err != nil {
			return p, err
		}
	}
	return p, nil
}

// checkFile accepts changes of Go and assembly files, and new ones.
func checkFile(f *gitdiff.File) error {
	switch {
	case f.IsDelete, f.IsRename, f.IsCopy, f.IsBinary:
		return fmt.Errorf("%s: a patch can only change and add Go and assembly files", f.OldName)
	case !filepath.IsLocal(f.NewName), path.Ext(f.NewName) != ".go" && path.Ext(f.NewName) != ".s":
		return fmt.Errorf("%s is not the path of a Go or assembly file below the module", f.NewName)
	}
	return nil
}

// digest returns the hexadecimal SHA-256 of a version of wazero and the patches on it.
func digest(version string, patches []Patch) string {
	h := sha256.New()
	fmt.Fprintf(h, "wazero %s\n", version)
	for _, p := range patches {
		fmt.Fprintf(h, "%s %d\n", p.Name, len(p.raw))
		h.Write(p.raw)
	}
	return hex.EncodeToString(h.Sum(nil))
}
