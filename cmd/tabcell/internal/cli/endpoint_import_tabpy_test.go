package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/runtime/registry"
)

const tabpyState = `[Service Info]
Name = TabPy Server

[Query Objects Service Versions]
add = {"description": "Adds 100%% of them", "type": "model", "version": 2, "dependencies": [], "target": null, "creation_time": 1795580915, "last_modified_time": 1795580918, "schema": {"a": 1}, "is_public": true}
plus = {"description": "", "type": "alias", "version": 1, "dependencies": ["add"], "target": "add", "creation_time": 1, "last_modified_time": 1, "schema": null, "is_public": false}
sub two = {"description": "Subtracts", "type": "model", "version": 1, "dependencies": [], "target": null, "creation_time": 1, "last_modified_time": 1, "schema": null, "is_public": false}
lost = {"description": "", "type": "model", "version": 7}
odd = {"type": "foo", "version": 1}
broken = {"type"

[Query Objects Docstrings]
add = Adds x and y.
	
	Gr` + "\u00c3\u0083\u00c2\u00b6\u00c3\u0083\u00c2\u009fe" + `: 100%%
sub two = -- no docstring found in query function --

[Meta]
Revision Number = 6
`

// writeTabPyState writes a state folder of TabPy and returns its path.
func writeTabPyState(t *testing.T) string {
	dir := t.TempDir()
	testenv.WriteFile(t, filepath.Join(dir, "state.ini"), tabpyState)
	for path, code := range map[string]string{"add/1": "old", "add/2": "add", "sub two/1": "answer 2"} {
		path = filepath.Join(dir, "query_objects", path)
		if err := os.MkdirAll(path, 0o700); err != nil {
			t.Fatal(err)
		}
		testenv.WriteFile(t, filepath.Join(path, "pickle_archive"), code)
	}
	return dir
}

// Importing a state folder reports the endpoints that cannot be imported, and imports the others.
func TestEndpointImportTabPyState(t *testing.T) {
	s := newEndpointTest(t)
	dir := writeTabPyState(t)
	code, stdout, stderr := s.run("endpoint", "import", dir)
	if want := "Successfully deployed add (version 1)\nSuccessfully deployed sub two (version 1)\nSuccessfully deployed plus (version 1)\n"; code != 1 || stdout != want {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
	for _, part := range []string{`"lost" was not imported`, `"odd" was not imported: endpoints of type "foo"`, `"broken" was not imported: state.ini line 10 is damaged`} {
		if !strings.Contains(stderr, part) {
			t.Errorf("no message contains %s:\n%s", part, stderr)
		}
	}
	models, err := registry.Open(s.dir, registry.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer models.Close()
	e, _ := models.Get("add")
	if e.Docstring != "Adds x and y.\n\nGröße: 100%" || e.Description != "Adds 100% of them" || string(e.Schema) != `{"a":1}` || !e.Public || e.Current().Kind != registry.Pickle {
		t.Errorf("%+v", e)
	}
	if plus, err := models.Resolve("plus"); err != nil || plus.Name != "add" {
		t.Errorf("plus is %q, error %v", plus.Name, err)
	}
	s.expect(1, `not a state folder of TabPy`, "endpoint", "import", t.TempDir())
}

// A repeated import changes nothing. Endpoints that have changed in TabPy become new versions.
func TestEndpointImportTabPyStateAgain(t *testing.T) {
	for _, online := range []bool{false, true} {
		s := newEndpointTest(t)
		dir := writeTabPyState(t)
		s.expect(1, "3 endpoints could not be imported", "endpoint", "import", dir)
		loads := s.models.Loads()
		if online {
			s.openServer(nil)
		}
		for _, flags := range [][]string{nil, {"--dry-run"}, {"--existing", "skip"}} {
			_, stdout, stderr := s.run(append([]string{"endpoint", "import", dir}, flags...)...)
			want := "add is the same already (version 1)\nsub two is the same already (version 1)\nplus is the same already (version 1)\n"
			if stdout != want {
				t.Errorf("online %v, %v: got\n%s%s", online, flags, stdout, stderr)
			}
		}
		if !online && s.models.Loads() != loads {
			t.Error("models that are the same were loaded")
		}
		testenv.WriteFile(t, filepath.Join(dir, "query_objects", "sub two", "1", "pickle_archive"), "add")
		testenv.WriteFile(t, filepath.Join(dir, "state.ini"), strings.Replace(tabpyState, `{"a": 1}`, `{"a": 2}`, 1))
		s.expect(1, `(?s)^add differs and would be deployed as a new version\nsub two differs.*plus is the same`, "endpoint", "import", dir, "--dry-run")
		s.expect(1, `(?s)^add exists already and was not changed\nsub two exists.*plus is the same`, "endpoint", "import", dir, "--existing", "skip")
		s.expect(1, `(?s)^Successfully deployed add \(version 2\)\n.*sub two \(version 2\)\nplus is the same already \(version 1\)`, "endpoint", "import", dir)
		s.expect(1, `(?s)^add is the same already \(version 2\)\nsub two is the same already \(version 2\)`, "endpoint", "import", dir)
	}
}

// A repeated import deploys a model again whose code on the disk is damaged.
func TestEndpointImportTabPyStateRepairs(t *testing.T) {
	s := newEndpointTest(t)
	dir := writeTabPyState(t)
	s.expect(1, "3 endpoints could not be imported", "endpoint", "import", dir)
	for _, e := range s.list() {
		if e.Name == "add" {
			testenv.WriteFile(t, filepath.Join(s.dir, "code", e.Current().Sum), "x")
		}
	}
	s.expect(1, `(?s)add \(version 2\)\nsub two is the same already`, "endpoint", "import", dir)
	s.expect(1, `(?s)add is the same already \(version 2\)`, "endpoint", "import", dir)
}
