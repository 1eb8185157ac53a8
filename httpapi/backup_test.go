package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"tabcell/runtime/registry"
	"tabcell/runtime/runtimetest"
)

// newBackupServer returns a server that can load the models "model 1" to "model 3", and large.
func newBackupServer(t *testing.T, configure func(*Config)) *endpointServer {
	s := newEndpointServer(t, nil, configure)
	for _, code := range []string{"model 1", "model 2", "model 3", large} {
		s.models.On(code, addInfo, runtimetest.Returns("[1]"))
	}
	return s
}

var large = strings.Repeat("x", 700)

// export returns the archive of an endpoint.
func (s *endpointServer) export(t *testing.T, name string) string {
	t.Helper()
	got := s.do("GET", "/endpoints/"+name+"/export", "")
	if got.StatusCode != 200 || got.Header.Get("Content-Type") != "application/x-tar" {
		t.Fatalf("status %d: %s", got.StatusCode, got.body)
	}
	return got.body
}

// Endpoints move to another server with all versions, and one that does not load moves as well.
func TestExportAndImport(t *testing.T) {
	admin := func(c *Config) { c.AnonymousRoles, c.Program = AllRoles, "1.2.3" }
	from, to := newBackupServer(t, admin), newBackupServer(t, admin)
	from.do("PUT", "/endpoints/m/source?description=d", "model 1").wantStatus(t, 201)
	from.do("PUT", "/endpoints/m/source", "model 2").wantStatus(t, 200)
	from.do("POST", "/endpoints/m/rollback", "").wantStatus(t, 200)
	file := from.export(t, "m")

	to.do("POST", "/endpoints/m/import?dry_run=true", file).want(t, 200, `{"name": "m", "outcome": "created", "version": 3, "dropped": 0}`)
	if _, exists := to.registry.Get("m"); exists {
		t.Error("the dry run created the endpoint")
	}
	to.do("POST", "/endpoints/m/import", file).want(t, 200, `{"name": "m", "outcome": "created", "version": 3, "dropped": 0}`)
	before, _ := from.registry.Get("m")
	after, _ := to.registry.Get("m")
	if !after.Equal(before) {
		t.Errorf("imported %+v, want %+v", after, before)
	}
	if !strings.Contains(to.do("GET", "/status", "").body, loadSuccessful) {
		t.Error("the imported model was not loaded")
	}
	to.do("POST", "/endpoints/m/import", file).want(t, 200, `{"name": "m", "outcome": "unchanged", "version": 3, "dropped": 0}`)
	to.do("PUT", "/endpoints/m/source", "model 3").wantStatus(t, 200)
	to.do("POST", "/endpoints/m/import", file).wantStatus(t, 412)
	to.do("POST", "/endpoints/m/import?replace=true", file).want(t, 200, `{"name": "m", "outcome": "replaced", "version": 3, "dropped": 0}`)
	to.do("POST", "/query/m", `{"data": {}}`).wantStatus(t, 200)
}

// The record of an endpoint does not outlive its replacement by one with the same version number.
func TestImportReplacesRecord(t *testing.T) {
	admin := func(c *Config) { c.AnonymousRoles = AllRoles }
	from, to := newBackupServer(t, admin), newBackupServer(t, admin)
	from.do("PUT", "/endpoints/m/source", "model 1").wantStatus(t, 201)
	to.do("PUT", "/endpoints/m/source", "model 2").wantStatus(t, 201)
	old, _ := to.registry.Get("m")
	to.api.models.record(old).calls.add(1, true, to.api.models.record(old).calls.last)
	to.do("POST", "/endpoints/m/import?replace=true", from.export(t, "m")).wantStatus(t, 200)
	current, _ := to.registry.Get("m")
	if current.Version != old.Version {
		t.Fatalf("version %d, want %d", current.Version, old.Version)
	}
	if rec := to.api.models.snapshot(current); !rec.loaded || rec.calls != (callStats{}) {
		t.Errorf("record %+v", rec)
	}
}

func TestRefusedImports(t *testing.T) {
	s := newBackupServer(t, func(c *Config) { c.AnonymousRoles, c.MaxRequestBytes = AllRoles, 1000 })
	s.do("PUT", "/endpoints/m/source", large).wantStatus(t, 201)
	file := s.export(t, "m")
	for name, c := range map[string]struct {
		path, body string
		status     int
	}{
		"nothing":       {"/endpoints/m/import", "", 400},
		"not a tar":     {"/endpoints/m/import", strings.Repeat("x", 2000), 400},
		"truncated":     {"/endpoints/m/import", file[:len(file)-3000], 400},
		"another name":  {"/endpoints/n/import", file, 400},
		"wrong code":    {"/endpoints/m/import", strings.Replace(file, "xxx", "xyx", 1), 409},
		"unknown":       {"/endpoints/none/export", "", 404},
		"GET of import": {"/endpoints/m/import", "", 405},
	} {
		method := "POST"
		if strings.HasSuffix(c.path, "/export") || c.status == 405 {
			method = "GET"
		}
		if got := s.do(method, c.path, c.body); got.StatusCode != c.status {
			t.Errorf("%s: status %d, want %d: %s", name, got.StatusCode, c.status, got.body)
		}
	}
	if err := s.registry.Remove("m"); err != nil {
		t.Fatal(err)
	}
	s.do("POST", "/endpoints/m/import", file).wantStatus(t, 200) // larger than MaxRequestBytes
}

// An export can be read by the reader of archives, and a damaged endpoint is named.
func TestExportOfDamagedEndpoint(t *testing.T) {
	s := newBackupServer(t, func(c *Config) { c.AnonymousRoles = AllRoles })
	s.do("PUT", "/endpoints/m/source", "model 1").wantStatus(t, 201)
	archive, err := registry.NewArchiveReader(strings.NewReader(s.export(t, "m")), 1000)
	if err != nil {
		t.Fatal(err)
	}
	if e, err := archive.Next(); err != nil || e.Name != "m" {
		t.Errorf("%+v, error %v", e, err)
	}
	if _, err := archive.Next(); err != io.EOF {
		t.Errorf("error %v", err)
	}
	s.api.deps.Backup = damagedBackup{s.registry}
	if got := s.do("GET", "/endpoints/m/export", ""); got.StatusCode != 409 || !strings.Contains(got.body, "endpoint m is damaged.") {
		t.Errorf("status %d: %s", got.StatusCode, got.body)
	}
	var status serverStatusBody
	if err := json.NewDecoder(bytes.NewReader([]byte(s.do("GET", "/status/server", "").body))).Decode(&status); err != nil || len(status.Damaged) != 1 || status.Damaged[0] != "lost" {
		t.Errorf("%+v, error %v", status, err)
	}
}

// Exports and imports are limited in number, and their manifests count in the memory for requests.
func TestBackupLimits(t *testing.T) {
	s := newBackupServer(t, func(c *Config) { c.AnonymousRoles = AllRoles })
	s.do("PUT", "/endpoints/m/source", "model 1").wantStatus(t, 201)
	file := s.export(t, "m")
	for name, occupy := range map[string]func() (free func()){
		"number": func() func() {
			s.api.backups.Add(maxBackups)
			return func() { s.api.backups.Add(-maxBackups) }
		},
		"memory": func() func() {
			s.api.budget.mu.Lock()
			rest := s.api.budget.large.limit - s.api.budget.large.used
			s.api.budget.large.used += rest
			s.api.budget.mu.Unlock()
			return func() {
				s.api.budget.mu.Lock()
				s.api.budget.large.used -= rest
				s.api.budget.mu.Unlock()
			}
		},
	} {
		free := occupy()
		for _, r := range [][2]string{{"GET", "/endpoints/m/export"}, {"POST", "/endpoints/m/import"}} {
			if got := s.do(r[0], r[1], file); got.StatusCode != 503 || got.Header.Get("Retry-After") == "" {
				t.Errorf("%s, %s: status %d", name, r[1], got.StatusCode)
			}
		}
		free()
		if n := s.api.backups.Load(); n != 0 {
			t.Errorf("%s: %d are counted", name, n)
		}
		s.do("POST", "/endpoints/m/import", file).wantStatus(t, 200)
		s.export(t, "m")
	}
}

// damagedBackup is a registry whose endpoints are damaged.
type damagedBackup struct{ *registry.Registry }

func (damagedBackup) OpenExport(string) (*registry.Export, error) {
	return nil, errors.Join(registry.ErrDamaged)
}

func (damagedBackup) DamagedManifests() []registry.DamagedManifest {
	return []registry.DamagedManifest{{File: "endpoints/x.json", Name: "lost"}}
}
