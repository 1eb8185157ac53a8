//go:build upstream

package upstream

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"tabcell/assets"
	"tabcell/cmd/tabcell/internal/server"
	"tabcell/runtime/wheel"
)

// addUpstream adds pytest, the tests and the runner to the guest, and returns the files of tests.
func addUpstream(t *testing.T, dir string, guest *assets.Guest) []testFile {
	wheels, _, err := wheel.ReadFolder(filepath.Join(dir, "wheels"), nil)
	if err == nil {
		err = server.AddResources(guest, func(all map[string][]byte) error { _, _, err := wheel.Add(all, guest.HasModule, wheels); return err })
	}
	if err != nil {
		t.Fatal(err)
	}
	resources, _ := guest.Resources()
	runner, err := os.ReadFile("testdata/upstream_runner.py")
	if err != nil {
		t.Fatal(err)
	}
	resources["m:upstream_runner"] = append([]byte("m"), runner...)
	var tests []testFile
	for _, s := range suites {
		if s.guest == guest.Name {
			tests = append(tests, s.add(t, dir, resources)...)
		}
	}
	resources["upstream"] = []byte(listPaths(resources))
	guest.Preload = append(guest.Preload[:len(guest.Preload):len(guest.Preload)], "upstream_runner", "pytest", "hypothesis", "?numpy.testing",
		"?numpy.conftest", "?pandas._testing", "?pandas.conftest")
	return tests
}

// add adds the files of the suite to the resources and returns its files of tests.
func (s suite) add(t *testing.T, dir string, resources map[string][]byte) (tests []testFile) {
	root := filepath.Join(dir, s.source)
	top, _, _ := strings.Cut(s.folders[0], "/")
	ini := top + "/" + s.ini
	addFile(t, resources, filepath.Join(root, s.ini), ini)
	for _, extra := range s.extra {
		for _, name := range filesBelow(t, root, extra) {
			addFile(t, resources, filepath.Join(root, name), name)
		}
	}
	for _, folder := range s.folders {
		for _, name := range filesBelow(t, root, folder) {
			addFile(t, resources, filepath.Join(root, name), name)
			if strings.HasPrefix(path.Base(name), "test_") && strings.HasSuffix(name, ".py") {
				tests = append(tests, testFile{"/lib/" + name, "/lib/" + ini})
			}
		}
	}
	return tests
}

// filesBelow returns the files in a folder, or one file, as paths relative to root.
func filesBelow(t *testing.T, root, folder string) (names []string) {
	err := filepath.WalkDir(filepath.Join(root, folder), func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(root, file)
		names = append(names, filepath.ToSlash(name))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// addFile adds a file to the resources, and also a module if it is one.
func addFile(t *testing.T, resources map[string][]byte, file, name string) {
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	resources["f:/lib/"+name] = b
	module, ok := strings.CutSuffix(name, ".py")
	if !ok {
		return
	}
	kind := "m"
	if m, ok := strings.CutSuffix(module, "/__init__"); ok {
		module, kind = m, "p"
	}
	dotted := strings.ReplaceAll(module, "/", ".")
	resources["m:"+dotted] = append([]byte(kind), b...)
	for i := strings.LastIndex(dotted, "."); i > 0; i = strings.LastIndex(dotted[:i], ".") {
		if resources["m:"+dotted[:i]] == nil {
			resources["m:"+dotted[:i]] = []byte("p")
		}
	}
}

// listPaths returns all paths below /lib, one per line.
func listPaths(resources map[string][]byte) string {
	var paths []string
	for name, b := range resources {
		if path, ok := strings.CutPrefix(name, "f:"); ok {
			paths = append(paths, path)
		} else if module, ok := strings.CutPrefix(name, "m:"); ok {
			path := "/lib/" + strings.ReplaceAll(module, ".", "/")
			if len(b) > 0 && (b[0] == 'p' || b[0] == 'P') {
				path += "/__init__"
			}
			paths = append(paths, path+".py")
		}
	}
	return strings.Join(paths, "\n")
}
