package cli

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/runtime/registry"
)

// filled deploys an endpoint with two versions, one that does not load any more, and an alias.
func (s *endpointTest) filled() {
	s.t.Helper()
	s.expect(0, "", "endpoint", "deploy", s.file("add.py", "add"), "--description", "d")
	s.expect(0, "", "endpoint", "deploy", s.file("add.py", "answer 2"))
	models, err := registry.Open(s.dir, registry.Options{})
	if err != nil {
		s.t.Fatal(err)
	}
	defer models.Close()
	for _, d := range []registry.Deployment{
		{Name: "broken", Code: registry.Code{Kind: registry.Source, Content: []byte("does not load")}}, {Name: "plus", Target: "add"},
	} {
		if _, err := models.Deploy(d); err != nil {
			s.t.Fatal(err)
		}
	}
}

// list returns the endpoints of the folder.
func (s *endpointTest) list() []registry.Endpoint {
	s.t.Helper()
	models, err := registry.Open(s.dir, registry.Options{ReadOnly: true})
	if err != nil {
		s.t.Fatal(err)
	}
	defer models.Close()
	return models.List()
}

func TestEndpointExportImport(t *testing.T) {
	s := newEndpointTest(t)
	s.filled()
	tar := filepath.Join(t.TempDir(), "all.tar")
	s.expect(0, `3 endpoints were written to`, "endpoint", "export", "--all", tar)
	s.expect(1, `file exists|file already exists`, "endpoint", "export", "--all", tar)
	s.expect(1, `"none" was not exported: there is no endpoint of that name`, "endpoint", "export", tar+"2", "none")
	s.expect(2, `name the endpoints to export, or use --all`, "endpoint", "export", tar+"2")
	if left, err := filepath.Glob(tar + "2*"); err != nil || len(left) > 0 {
		t.Errorf("a failed export left %v, error %v", left, err)
	}
	if info, err := os.Stat(tar); err != nil || info.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/' {
		t.Errorf("the export has mode %v, error %v", info.Mode(), err)
	}

	to := newEndpointTest(t)
	to.expect(0, `(?s)^add would be created \(version 2\)\nbroken would be created.*plus would be created`, "endpoint", "import", tar, "--dry-run")
	if all := to.list(); len(all) > 0 {
		t.Errorf("the dry run created %+v", all)
	}
	to.expect(0, `(?s)^add created \(version 2\)\nbroken created.*plus created`, "endpoint", "import", tar)
	if got, want := to.list(), s.list(); !reflect.DeepEqual(got, want) {
		t.Errorf("imported %+v\nwant %+v", got, want)
	}
	to.expect(0, `(?s)^add is the same already \(version 2\)\n`, "endpoint", "import", tar)
	if to.models.Loads() > 0 {
		t.Error("restored models were loaded")
	}
}

// --existing says what happens to endpoints that exist and differ.
func TestEndpointImportExisting(t *testing.T) {
	s := newEndpointTest(t)
	s.filled()
	tar := filepath.Join(t.TempDir(), "all.tar")
	s.expect(0, "", "endpoint", "export", "--all", tar)
	for _, online := range []bool{false, true} {
		to := newEndpointTest(t)
		to.expect(0, "", "endpoint", "deploy", to.file("add.py", "answer 3"))
		if online {
			to.openServer(nil)
		}
		to.expect(1, `(?s)"add" exists already and differs.*nothing was changed`, "endpoint", "import", tar)
		if all := to.list(); len(all) != 1 || all[0].Version != 1 {
			t.Fatalf("the endpoints were changed: %+v", all)
		}
		to.expect(2, `must be skip, replace or fail`, "endpoint", "import", tar, "--existing", "maybe")
		to.expect(1, `(?s)broken would be created.*"add" exists already and differs`, "endpoint", "import", tar, "--dry-run")
		to.expect(0, `(?s)add exists already and was not changed\nbroken created.*plus created`, "endpoint", "import", tar, "--existing", "skip")
		to.expect(0, `(?s)add would be replaced.*broken is the same`, "endpoint", "import", tar, "--existing", "replace", "--dry-run")
		to.expect(0, `(?s)add replaced \(version 2\)`, "endpoint", "import", tar, "--existing", "replace")
		if got, want := to.list(), s.list(); !reflect.DeepEqual(got, want) {
			t.Errorf("imported %+v\nwant %+v", got, want)
		}
	}
}

// A running server exports to accounts with the role admin, and the file is the same as that
// made from its folder. A file also comes from standard input.
func TestEndpointExportOfServer(t *testing.T) {
	s := newEndpointTest(t)
	s.filled()
	url := s.openServer(nil)
	tar := filepath.Join(t.TempDir(), "all.tar")
	s.expect(0, `3 endpoints were written to`, "endpoint", "export", "--all", tar, "--url", url)
	to := newEndpointTest(t)
	file, err := os.ReadFile(tar)
	if err != nil {
		t.Fatal(err)
	}
	to.stdin = string(file)
	to.expect(0, `(?s)^add created`, "endpoint", "import", "-")
	if got, want := to.list(), s.list(); !reflect.DeepEqual(got, want) {
		t.Errorf("imported %+v\nwant %+v", got, want)
	}
	other := newEndpointTest(t)
	denied := other.openServer(fakeAuthenticator{})
	other.environ = append(other.environ, "TABCELL_CLIENT_USER=ann", "TABCELL_CLIENT_PASSWORD=P@ss:word")
	other.expect(0, `(?s)^add created`, "endpoint", "import", tar, "--url", denied)
	asked := newEndpointTest(t)
	asked.stdin = "ann\nP@ss:word\n"
	for _, what := range []string{"--all", "add"} {
		other.expect(1, `requires the role "admin"`, "endpoint", "export", tar+"2", what, "--url", denied)
		asked.expect(1, `requires the role "admin"`, "endpoint", "export", tar+"2", what, "--url", denied)
	}
}

// Damaged endpoints are named and do not stop the others, neither at the export nor at the import.
func TestEndpointBackupOfDamagedEndpoints(t *testing.T) {
	s := newEndpointTest(t)
	s.filled()
	tar := filepath.Join(t.TempDir(), "all.tar")
	s.expect(0, "", "endpoint", "export", "--all", tar)
	file, err := os.ReadFile(tar)
	if err != nil {
		t.Fatal(err)
	}
	to := newEndpointTest(t)
	damaged := s.file("damaged.tar", strings.Replace(string(file), "does not load", "does not l0ad", 1))
	to.expect(1, `(?s)add created.*plus created.*"broken" was not imported: .*damaged.*its digest is wrong.*1 endpoints could not be imported`, "endpoint", "import", damaged)
	cut := s.file("cut.tar", string(file[:len(file)-2000]))
	newEndpointTest(t).expect(1, `(?s)add created.*not an archive of endpoints, or a damaged one`, "endpoint", "import", cut)
	newEndpointTest(t).expect(1, `not an archive of endpoints`, "endpoint", "import", s.file("text", strings.Repeat("x", 600)))

	for _, e := range s.list() {
		if e.Name == "broken" {
			testenv.WriteFile(t, filepath.Join(s.dir, "code", e.Current().Sum), "x")
		}
	}
	s.expect(1, `(?s)"broken" was not exported: the model's file is damaged.*2 endpoints were written.*not complete`, "endpoint", "export", "--all", tar+"2")
}
