//go:build upstream

package upstream

import (
	"io/fs"
	"maps"
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
	library := wheel.Library{Python: assets.Manifest().Python, HasModule: guest.HasModule}
	wheels, err := wheel.Open(filepath.Join(dir, "wheels"), library)
	if err == nil {
		err = server.AddResources(guest, func(all map[string][]byte) error { wheel.Add(all, wheels.Used()); return nil })
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
		if _, err := os.Stat(filepath.Join(dir, s.source)); s.guest == guest.Name && err == nil {
			s.unpack(t, guest, resources)
			tests = append(tests, s.add(t, dir, resources)...)
		}
	}
	guest.Preload = append(guest.Preload[:len(guest.Preload):len(guest.Preload)], "upstream_runner", "pytest", "hypothesis", "?numpy.testing",
		"?numpy.conftest", "?pandas._testing", "?pandas.conftest")
	return tests
}

// unpack adds the resources of the suite's library, if it is a part of its own: the tests become
// modules of it.
func (s suite) unpack(t *testing.T, guest *assets.Guest, resources map[string][]byte) {
	entry, _, _ := strings.Cut(path.Join(s.at, s.root), "/")
	load := guest.Parts[entry+"/"]
	if load == nil {
		return
	}
	part, err := load()
	if err != nil {
		t.Fatal(err)
	}
	maps.Copy(resources, part)
	guest.Parts = maps.Clone(guest.Parts)
	delete(guest.Parts, entry+"/")
}

// add adds the files of the suite to the resources and returns its files of tests.
func (s suite) add(t *testing.T, dir string, resources map[string][]byte) (tests []testFile) {
	source := filepath.Join(dir, s.source)
	ini := path.Join(s.source, s.ini)
	addFile(t, resources, filepath.Join(source, s.ini), ini)
	for _, extra := range s.extra {
		for _, name := range filesBelow(t, source, extra) {
			addFile(t, resources, filepath.Join(source, name), path.Join(s.at, name))
		}
	}
	for _, name := range filesBelow(t, source, s.root) {
		base := path.Base(name)
		if !strings.Contains("/"+name, "/tests/") && base != "conftest.py" {
			continue
		}
		addFile(t, resources, filepath.Join(source, name), path.Join(s.at, name))
		if strings.HasPrefix(base, "test_") && strings.HasSuffix(base, ".py") {
			tests = append(tests, testFile{"/lib/" + path.Join(s.at, name), "/lib/" + ini})
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

// addFile adds a module or a data file to the resources.
func addFile(t *testing.T, resources map[string][]byte, file, name string) {
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	module, ok := strings.CutSuffix(name, ".py")
	if !ok {
		resources["f:/lib/"+name] = b
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
