package overlay

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// source is the only Go file of the test module.
const source = "package a\n\nfunc F() int {\n\treturn 1\n}\n"

const (
	change = `wazero v1.0.0: change

diff --git a/a.go b/a.go
--- a/a.go
+++ b/a.go
@@ -3,3 +3,3 @@ package a
 func F() int {
-	return 1
+	return 2
 }
`
	addition = `wazero v1.0.0: addition

diff --git a/sub/d.go b/sub/d.go
new file mode 100644
--- /dev/null
+++ b/sub/d.go
@@ -0,0 +1,3 @@
+package sub
+
+const D = "DIGEST OF THE PATCHES"
`
)

// write writes files by their paths below a new folder, which it returns.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// overlayOf writes the overlay of patch files, which are numbered in their order, for the test
// module. It returns the overlay and what replaces the files of the main module, by path below it.
func overlayOf(t *testing.T, version string, texts ...string) (Overlay, map[string]string, error) {
	t.Helper()
	module := write(t, map[string]string{"a.go": source, "a_test.go": "package a\n", "go.mod": "module wazero\n", "asm/x.s": "// assembly\n"})
	root := write(t, map[string]string{"go.mod": "module main\n"})
	files := map[string]string{}
	for i, text := range texts {
		files[string(rune('1'+i))+".patch"] = text
	}
	patches, err := ReadPatches(write(t, files))
	if err != nil {
		return Overlay{}, nil, err
	}
	o, err := Write(t.TempDir(), root, Module{version, module}, patches)
	if err != nil {
		return Overlay{}, nil, err
	}
	raw, err := os.ReadFile(o.File)
	if err != nil {
		t.Fatal(err)
	}
	var overlay struct{ Replace map[string]string }
	if err := json.Unmarshal(raw, &overlay); err != nil {
		t.Fatal(err)
	}
	contents := map[string]string{}
	for original, copied := range overlay.Replace {
		below, err := filepath.Rel(root, original)
		text, readErr := os.ReadFile(copied)
		if err != nil || readErr != nil {
			t.Fatal(err, readErr)
		}
		contents[filepath.ToSlash(below)] = string(text)
	}
	if _, err := os.Stat(filepath.Join(root, "dist", "engine", "asm")); err != nil {
		t.Errorf("the folder of the files was not created: %v", err)
	}
	return o, contents, nil
}

func TestWrite(t *testing.T) {
	o, contents, err := overlayOf(t, "v1.0.0", change, addition)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"dist/engine/a.go":     strings.Replace(source, "1", "2", 1),
		"dist/engine/sub/d.go": "package sub\n\nconst D = \"" + o.Digest + "\"\n",
		"dist/engine/go.mod":   "module wazero\n",
		"dist/engine/asm/x.s":  "// assembly\n",
		"go.mod":               "module main\n\nreplace github.com/tetratelabs/wazero => ./dist/engine\n",
	} {
		if contents[name] != want {
			t.Errorf("%s has %q, want %q", name, contents[name], want)
		}
		delete(contents, name)
	}
	if len(contents) > 0 {
		t.Errorf("other files are replaced: %v", contents)
	}
}

// TestDigest checks that the digest depends on each byte of each patch, on their order and on the
// version, and on nothing else.
func TestDigest(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range []struct {
		version string
		texts   []string
	}{
		{"v1.0.0", []string{change, addition}},
		{"v1.0.0", []string{addition, change}},
		{"v1.0.0", []string{change + "\n", addition}},
		{"v1.0.0", []string{addition}},
		{"v1.0.1", []string{strings.Replace(addition, "v1.0.0", "v1.0.1", 1)}},
	} {
		o, _, err := overlayOf(t, c.version, c.texts...)
		if err != nil {
			t.Fatal(err)
		}
		again, _, err := overlayOf(t, c.version, c.texts...)
		if err != nil || again.Digest != o.Digest {
			t.Errorf("a second overlay has the digest %s, the first has %s; error %v", again.Digest, o.Digest, err)
		}
		if seen[o.Digest] {
			t.Errorf("two sets of patches have the digest %s", o.Digest)
		}
		seen[o.Digest] = true
	}
}

// TestErrors checks that each error names the patch, and the place where it does not apply.
func TestErrors(t *testing.T) {
	for name, c := range map[string]struct {
		version string
		texts   []string
		want    []string
	}{
		"none":           {"v1.0.0", nil, []string{"has no patches"}},
		"version":        {"v1.1.0", []string{change}, []string{"1.patch is for wazero v1.0.0, but go.mod requires v1.1.0", "README.md"}},
		"no version":     {"v1.0.0", []string{strings.Replace(change, "wazero", "Wazero", 1)}, []string{"1.patch", "Wazero v1.0.0: change"}},
		"applied twice":  {"v1.0.0", []string{addition, change, change}, []string{"3.patch does not apply to a.go: hunk 1 (@@ -3,3 +3,3 @@ package a)", "line 4"}},
		"added twice":    {"v1.0.0", []string{addition, addition}, []string{"2.patch", "sub/d.go is added twice"}},
		"existing file":  {"v1.0.0", []string{strings.ReplaceAll(addition, "sub/d.go", "a.go")}, []string{"1.patch", "a.go is added, but exists"}},
		"missing file":   {"v1.0.0", []string{strings.ReplaceAll(change, "a.go", "b.go")}, []string{"1.patch", "b.go"}},
		"no placeholder": {"v1.0.0", []string{change}, []string{"0 times"}},
		"outside":        {"v1.0.0", []string{strings.ReplaceAll(addition, "sub/d.go", "../d.go")}, []string{"1.patch", "../d.go"}},
		"other file":     {"v1.0.0", []string{strings.ReplaceAll(addition, "sub/d.go", "go.sum")}, []string{"1.patch", "go.sum is not the path of a Go or assembly file"}},
		"deletion":       {"v1.0.0", []string{"wazero v1.0.0: d\n\ndiff --git a/a.go b/a.go\ndeleted file mode 100644\n--- a/a.go\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-package a\n"}, []string{"only change and add"}},
		"syntax error":   {"v1.0.0", []string{addition, strings.Replace(change, "return 2", "return )", 1)}, []string{"cannot be parsed", "a.go:4"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := overlayOf(t, c.version, c.texts...)
			for _, want := range c.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("error %v, want one with %q", err, want)
				}
			}
		})
	}
}

// TestWriteReplacesChangedFiles checks that a file of the cache folder that was changed is written
// again.
func TestWriteReplacesChangedFiles(t *testing.T) {
	file := filepath.Join(t.TempDir(), "folder", "file")
	for _, text := range []string{"one", "one", "two"} {
		if err := writeFile(file, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(file); err != nil || string(got) != text {
			t.Errorf("the file has %q, error %v; want %q", got, err, text)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(file), "*")); len(left) != 1 {
		t.Errorf("files %v, want one", left)
	}
}
