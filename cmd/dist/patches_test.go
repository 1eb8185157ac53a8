package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tabcell/cmd/dist/internal/gotool"
	"tabcell/cmd/dist/internal/overlay"
)

var patchFolder = filepath.Join("..", "..", "runtime", "engine", "patches")

// TestPatches checks the form of the committed patches: numbered without gaps, short, described in
// README.md, and applicable to the required version of wazero.
func TestPatches(t *testing.T) {
	patches, err := overlay.ReadPatches(patchFolder)
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile(filepath.Join(patchFolder, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range patches {
		if !strings.HasPrefix(p.Name, fmt.Sprintf("%02d-", i+1)) {
			t.Errorf("patch %d is named %s", i+1, p.Name)
		}
		if !strings.Contains(string(readme), strings.TrimSuffix(p.Name, ".patch")) {
			t.Errorf("README.md does not describe %s", p.Name)
		}
		added := int64(0)
		for _, f := range p.Files {
			for _, hunk := range f.TextFragments {
				added += hunk.LinesAdded
			}
		}
		if added >= 100 {
			t.Errorf("%s adds %d lines; a patch has less than 100", p.Name, added)
		}
	}
	module, err := gotool.Wazero()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := overlay.Write(t.TempDir(), t.TempDir(), module, patches); err == nil || !strings.Contains(err.Error(), "go.mod") {
		t.Errorf("in a folder without go.mod: %v", err)
	}
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "go.mod"), []byte("module m\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := overlay.Write(t.TempDir(), root, module, patches); err != nil {
		t.Error(err)
	}
}
