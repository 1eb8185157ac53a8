package httpapi

import (
	"os"
	"path/filepath"
	goruntime "runtime"
	"strings"
	"testing"
)

// For any src_path, no file is read outside the staging folder or through a link.
func TestDeployReadsStagedFilesOnly(t *testing.T) {
	if goruntime.GOOS == "windows" {
		t.Skip("symbolic links need a privilege on Windows")
	}
	s := newEndpointServer(t, nil, func(c *Config) { c.MaxModelBytes = 100 })
	good := s.stage("add", "1", "add")
	outside := t.TempDir()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.WriteFile(filepath.Join(outside, archiveName), []byte("add"), 0o600))
	at := func(name string) string { return filepath.Join(s.staging, "endpoints", name) }
	must(os.Symlink(outside, at("linked")))
	must(os.Symlink(good, at("inner")))
	must(os.Mkdir(at("file"), 0o700))
	must(os.Symlink(filepath.Join(outside, archiveName), filepath.Join(at("file"), archiveName)))
	must(os.MkdirAll(filepath.Join(at("folder"), archiveName), 0o700))
	must(os.Mkdir(at("empty"), 0o700))
	s.stage("large", "1", strings.Repeat("x", 101))
	for _, path := range []string{
		outside, "/etc", "/", "relative", "endpoints/add/1", s.staging + "/../../../etc", good + "/../../../../" + filepath.Base(outside), s.staging + "x",
		at("linked"), at("inner"), at("file"), at("folder"), at("empty"), at("none"), filepath.Join(good, archiveName), "/proc/self", "\\\\host\\share",
		s.staging, s.staging + "/endpoints/linked/../add/1",
	} {
		got := s.do("POST", "/endpoints", deployBody("x", path))
		if want := "FileNotFoundError : [Errno 2] No such file or directory: "; got.StatusCode != 500 || !strings.Contains(got.body, want) {
			t.Errorf("src_path %s: got %d %s, want 500 %s", path, got.StatusCode, got.body, want)
		}
	}
	s.do("POST", "/endpoints", deployBody("x", at("large/1"))).want(t, 400,
		`{"message": "Error when changing TabPy state: too large: the archive has 101 bytes, the limit is 100 (TABCELL_MODELS_MAX_MB)", "info": {}}`)
	if len(s.registry.List()) != 0 {
		t.Fatalf("deployed endpoints: %+v", s.registry.List())
	}
	s.do("POST", "/endpoints", deployBody("x", good+"/")).wantStatus(t, 201)
	s.do("PUT", "/endpoints/x", `{"src_path": `+toJSON(at("x/1"))+`, "description": "x has no staged files"}`).wantStatus(t, 200)
}

// A link in the staging folder is removed, but not its target.
func TestRemoveDoesNotFollowLinks(t *testing.T) {
	if goruntime.GOOS == "windows" {
		t.Skip("symbolic links need a privilege on Windows")
	}
	s := newEndpointServer(t, nil, nil)
	outside := t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s.stage("other", "1", "x")
	if err := os.Symlink(outside, filepath.Join(s.staging, "endpoints", "m")); err != nil {
		t.Fatal(err)
	}
	s.do("POST", "/endpoints/m/source", "answer 1").wantStatus(t, 201)
	s.do("DELETE", "/endpoints/m", "").wantStatus(t, 204)
	if _, err := os.Stat(filepath.Join(outside, "file")); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(filepath.Join(s.staging, "endpoints", "m")); !os.IsNotExist(err) {
		t.Errorf("the link was not removed: %v", err)
	}
}
