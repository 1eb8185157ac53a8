package sbom

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tabcell/assets"
	"tabcell/cmd/tabcell/internal/testenv"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

var update = flag.Bool("update", false, "write patches.json")

// The folders of patches whose names are not those of components.
var folderComponents = map[string]string{
	"patches": "wazero", "pandas-python": "pandas", "lxml-python": "lxml",
	"ctypes": "cpython", "ctypes-python": "cpython", "lightgbm-python": "lightgbm",
}

// engineTitle matches the first line of a patch on the engine.
var engineTitle = regexp.MustCompile(`^wazero v[0-9.]+: .*\n\n`)

// TestPatchListIsCurrent compares patches.json with the patches in the tree.
func TestPatchListIsCurrent(t *testing.T) {
	var list []patch
	for _, pattern := range []string{"assets/build/patches/*/*.patch", "runtime/engine/patches/*.patch"} {
		files, err := filepath.Glob(testenv.File(pattern))
		if err != nil || len(files) == 0 {
			t.Fatal(pattern, err)
		}
		for _, file := range files {
			list = append(list, readPatch(t, file))
		}
	}
	var want bytes.Buffer
	encoder := json.NewEncoder(&want)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(list); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("patches.json", want.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if !bytes.Equal(bytes.ReplaceAll(patchList, []byte("\r\n"), []byte("\n")), want.Bytes()) {
		t.Error("patches.json is out of date; run go test ./cmd/tabcell/internal/sbom -update")
	}
}

// readPatch reads the first paragraph of the head of a patch.
func readPatch(t *testing.T, file string) patch {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	relative, err := filepath.Rel(testenv.File("."), file)
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Base(filepath.Dir(file))
	p := patch{Component: folder, Path: filepath.ToSlash(relative)}
	if name := folderComponents[folder]; name != "" {
		p.Component = name
	}
	head := engineTitle.ReplaceAllString(strings.ReplaceAll(string(text), "\r\n", "\n"), "")
	head, _, _ = strings.Cut(head, "\n\n")
	head, _, _ = strings.Cut(head, "\ndiff --git")
	head, _, _ = strings.Cut(head, "\n--- ")
	if p.Reason = strings.Join(strings.Fields(head), " "); len(p.Reason) < 20 || strings.HasPrefix(p.Reason, "diff ") {
		t.Errorf("%s has no reason in its head: %q", p.Path, p.Reason)
	}
	return p
}

// Each patch is in the pedigree of a component, and the tables of patches name existing ones.
func TestPedigree(t *testing.T) {
	_, bom := write(t, "")
	found := map[string]cdx.Patch{}
	for _, c := range *bom.Components {
		if c.Pedigree != nil {
			for _, p := range *c.Pedigree.Patches {
				found[p.Diff.URL] = p
			}
		}
	}
	for _, p := range patches() {
		got, ok := found[p.Path]
		if !ok || (*got.Resolves)[0].Description != p.Reason || (*got.Resolves)[0].ID != strings.TrimSuffix(path.Base(p.Path), ".patch") {
			t.Errorf("%s: got %+v", p.Path, got)
		}
	}
	if got := found["runtime/engine/patches/03-zero-extension.patch"]; (*got.Resolves)[0].Type != cdx.IssueTypeSecurity {
		t.Errorf("the correction of an escape: got %+v", got)
	}
	for _, name := range slices.Concat(keys(corrections), keys(backports)) {
		if _, ok := found[name]; !ok {
			t.Errorf("there is no patch %s", name)
		}
	}
	info := testInfo()
	info.Patches = "" // the stock engine
	var out bytes.Buffer
	if err := Write(&out, info, ""); err != nil || strings.Contains(out.String(), "runtime/engine/patches") {
		t.Errorf("the stock engine has patches (error: %v)", err)
	}
	for _, p := range patches() {
		if strings.HasPrefix(p.Path, "assets/") && assets.Manifest().Inputs[strings.TrimPrefix(p.Path, "assets/")] == "" {
			t.Errorf("MANIFEST does not have %s among its inputs", p.Path)
		}
	}
}

func keys[V any](m map[string]V) (names []string) {
	for name := range m {
		names = append(names, name)
	}
	return names
}
