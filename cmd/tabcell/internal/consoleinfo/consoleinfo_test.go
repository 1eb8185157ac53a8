package consoleinfo

import (
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"tabcell/assets"
	"tabcell/authn"
	"tabcell/cmd/tabcell/internal/audit"
	"tabcell/httpapi"
	"tabcell/httpapi/console"
	"tabcell/settings"

	"github.com/rs/zerolog"
)

// loaded returns a configuration from an environment.
func loaded(t *testing.T, environ ...string) *settings.Loaded {
	t.Helper()
	l, err := settings.Load(settings.Sources{Environ: environ})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// newAdmin returns the information about a server with a configuration.
func newAdmin(l *settings.Loaded) *Admin {
	return New(Server{
		Loaded:      func() *settings.Loaded { return l },
		Confinement: func() map[string]bool { return nil },
		TimeZone:    func(settings.Settings) (string, error) { return "UTC", nil },
		GuestState:  func(guest string) string { return "state of " + guest },
	})
}

func TestSettings(t *testing.T) {
	all, warnings := newAdmin(loaded(t, "TABPY_PORT=9100", "TABCELL_PLACES=3", "TABPY_OAUTH_JWKS_URI=https://ann:secret@example.com/keys?token=secret")).Settings()
	find := func(name string) console.Setting {
		i := slices.IndexFunc(all, func(s console.Setting) bool { return s.Name == name })
		if i < 0 {
			t.Fatalf("the setting %s is missing", name)
		}
		return all[i]
	}
	if s := find("TABCELL_PORT"); s.Value != "9100" || s.Default != "9004" || s.Layer != "environment" || s.TabPy != "TABPY_PORT" || !s.Restart || s.Description == "" {
		t.Errorf("%+v", s)
	}
	if s := find("TABCELL_LOG_LEVEL"); s.Layer != "default" || s.Restart {
		t.Errorf("%+v", s)
	}
	if len(warnings) == 0 || !strings.Contains(warnings[0], "TABCELL_PLACES") {
		t.Errorf("warnings: %q", warnings)
	}
	if text := fmt.Sprint(all, warnings); strings.Contains(text, "secret") {
		t.Errorf("a secret is shown: %s", text)
	}
}

func TestLibraries(t *testing.T) {
	guests, libraries, err := newAdmin(loaded(t)).Libraries()
	if err != nil || len(guests) < 2 || guests[0].Name != "core" || guests[0].State != "state of core" || guests[0].Python != assets.Manifest().Python || len(guests[0].Digest) != 64 {
		t.Errorf("%+v, %v", guests, err)
	}
	i := slices.IndexFunc(libraries, func(l console.Library) bool { return l.Name == "numpy" })
	if i < 0 || libraries[i].Version == "" || libraries[i].Licence == "" || libraries[i].Guest != "core" {
		t.Errorf("numpy is not among %d libraries, or incomplete", len(libraries))
	}
	if _, libraries, err := newAdmin(loaded(t, "TABCELL_PACKAGES="+filepath.Join(t.TempDir(), "missing"))).Libraries(); err != nil || len(libraries) == 0 {
		t.Errorf("without the folder of wheels: %d libraries, %v", len(libraries), err)
	}
}

func TestFindings(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	a := newAdmin(loaded(t, "TABCELL_MODELS_PATH="+filepath.Join(file, "below")))
	findings := a.Findings(t.Context())
	i := slices.IndexFunc(findings, func(f console.Finding) bool { return f.Title == "models folder" })
	if i < 0 || findings[i].Level != "error" || findings[i].Advice == "" {
		t.Fatalf("%+v", findings)
	}
	for _, f := range findings {
		if !slices.Contains([]string{"ok", "warning", "error"}, f.Level) {
			t.Errorf("%+v", f)
		}
	}
}

// A result serves all who ask within its age, so that pages cannot make the server check its host
// all the time.
func TestCached(t *testing.T) {
	now, loads := time.Unix(1000, 0), 0
	var c cached[int]
	get := func() int {
		return c.get(time.Minute, func() time.Time { return now }, func() int { loads++; return loads })
	}
	if first, second := get(), get(); first != 1 || second != 1 {
		t.Errorf("%d loads at one time", loads)
	}
	if now = now.Add(61 * time.Second); get() != 2 {
		t.Errorf("%d loads after the age", loads)
	}
	if now = now.Add(-time.Hour); get() != 3 {
		t.Errorf("%d loads after the clock was set back", loads)
	}
}

func TestAuditTail(t *testing.T) {
	if tail, err := newAdmin(loaded(t)).AuditTail(0, 10); err != nil || tail.Enabled || tail.Note == "" || string(tail.Stats) != "null" {
		t.Errorf("without a trail: %+v, %v", tail, err)
	}
	l := loaded(t, "TABCELL_AUDIT="+filepath.Join(t.TempDir(), "audit"))
	trail, err := audit.Open(l.Settings.Audit, nil, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	defer trail.Close()
	for i := range 3 {
		if err := trail.Record(httpapi.AuditEvent{Kind: httpapi.AuditDeploy, Outcome: httpapi.AuditOK, Endpoint: fmt.Sprint("m", i)}); err != nil {
			t.Fatal(err)
		}
	}
	a := newAdmin(l)
	a.Audit = trail
	tail, err := a.AuditTail(0, 2)
	var entry struct {
		Seq      int
		Endpoint string
		Intact   bool
	}
	if err != nil || !tail.Enabled || !tail.More || len(tail.Entries) != 2 || json.Unmarshal(tail.Entries[0], &entry) != nil || entry.Seq != 3 || entry.Endpoint != "m2" || !entry.Intact {
		t.Errorf("%+v, %+v, %v", tail, entry, err)
	}
	if tail, _ := a.AuditTail(2, 2); len(tail.Entries) != 1 || tail.More {
		t.Errorf("the next page: %+v", tail)
	}
	if !strings.Contains(string(tail.Stats), `"lines":3`) {
		t.Errorf("stats %s", tail.Stats)
	}
}

// fakeCertificates are certificates in use.
type fakeCertificates struct {
	chain, authorities []*x509.Certificate
	err                error
}

func (f fakeCertificates) Certificates() (chain, authorities []*x509.Certificate, err error) {
	return f.chain, f.authorities, f.err
}

func TestCertificates(t *testing.T) {
	now := time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)
	cert := func(days int) *x509.Certificate {
		return &x509.Certificate{NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(0, 0, days), DNSNames: []string{"tabcell.example.com"}}
	}
	a := newAdmin(loaded(t))
	if all, err := a.Certificates(now); len(all) != 0 || err != nil {
		t.Errorf("without TLS: %+v, %v", all, err)
	}
	a.TLS = fakeCertificates{chain: []*x509.Certificate{cert(10), cert(20)}, authorities: []*x509.Certificate{cert(-3)}}
	all, err := a.Certificates(now)
	if err != nil || len(all) != 3 || all[0].Use != "server" || all[0].DaysLeft != 10 || all[0].Names[0] != "tabcell.example.com" || all[1].Use != "issuer" ||
		all[2].Use != "client authority" || all[2].DaysLeft != -3 {
		t.Errorf("%+v, %v", all, err)
	}
	a.TLS = fakeCertificates{authorities: slices.Repeat([]*x509.Certificate{cert(1)}, 10*maxCertificates)}
	if all, _ := a.Certificates(now); len(all) != maxCertificates {
		t.Errorf("%d certificates are shown", len(all))
	}
	a.TLS = fakeCertificates{err: errors.New("gone")}
	if _, err := a.Certificates(now); err == nil {
		t.Error("no error for a certificate that cannot be read")
	}
}

func TestAccounts(t *testing.T) {
	a := newAdmin(loaded(t))
	a.Server.Accounts = func() KnownAccounts { return KnownAccounts{Anonymous: authn.RoleQuery} }
	if got, err := a.Accounts(); err != nil || !got.Anonymous || fmt.Sprint(got.DefaultRoles) != "[query]" || len(got.Accounts) != 0 {
		t.Errorf("without authentication: %+v, %v", got, err)
	}
	table, err := authn.ParseRoleTable([]byte("account ann admin\naccount cert evaluate\nscope tabpy:ops metrics\nsubject s1 none\n"), authn.RoleEvaluate)
	if err != nil {
		t.Fatal(err)
	}
	a.Server.Accounts = func() KnownAccounts {
		return KnownAccounts{Authenticates: true, Passwords: []string{"ann", "bob"}, Roles: table}
	}
	got, err := a.Accounts()
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, account := range got.Accounts {
		lines = append(lines, fmt.Sprintf("%s %s %v %d", account.Name, account.Method, account.Roles, len(account.Grants)))
	}
	if text, want := strings.Join(lines, " "), "ann password [admin] 1 bob password [evaluate] 1 cert roles file [evaluate] 1 s1 token subject [] 0 tabpy:ops token scope [metrics] 1"; text != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
	many := make([]string, maxAccounts+5)
	for i := range many {
		many[i] = fmt.Sprintf("a%05d", i)
	}
	a.Server.Accounts = func() KnownAccounts {
		return KnownAccounts{Authenticates: true, Passwords: many, Roles: authn.NewRoleTable(0)}
	}
	if got, _ := a.Accounts(); len(got.Accounts) != maxAccounts || got.More != 5 {
		t.Errorf("%d accounts are shown, %d more", len(got.Accounts), got.More)
	}
}

func TestManual(t *testing.T) {
	m, err := NewManual(assets.Docs())
	if err != nil {
		t.Fatal(err)
	}
	if pages := m.Pages(); len(pages) < 10 || pages[0].Topic != "install" || pages[0].Purpose == "" {
		t.Errorf("%+v", pages)
	}
	page, blocks, ok := m.Page("models")
	if !ok || page.Title == "" || !strings.HasPrefix(string(blocks), `[{"kind":"heading","level":1`) {
		t.Errorf("%+v, %.100s", page, blocks)
	}
	if _, _, ok := m.Page("../models"); ok {
		t.Error("there is a page ../models")
	}
}

func TestManualSearch(t *testing.T) {
	page := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	folder := fstest.MapFS{
		"a.md":         page("# Roll back\n\nPurpose.\n\n## The `unit`\n\nA queue that is full.\n\nThe queue.\n"),
		"b.md":         page("# Other\n\nFull of it: the queue.\n"),
		"images/x.png": page("png"),
	}
	m, err := NewManual(folder)
	if err != nil {
		t.Fatal(err)
	}
	for search, want := range map[string]string{
		"queue": "a/the-unit a/the-unit b/", "QUEUE full": "a/the-unit b/", "roll back": "a/ a/", "": "", "queue nothing": "",
	} {
		var got []string
		for _, h := range m.Search(search) {
			got = append(got, h.Topic+"/"+h.Anchor)
		}
		if text := strings.Join(got, " "); text != want {
			t.Errorf("%q: %s, want %s", search, text, want)
		}
	}
	if hits := m.Search("that is"); hits[0].Heading != "The unit" || hits[0].Title != "Roll back" || hits[0].Excerpt != "A queue that is full." {
		t.Errorf("%+v", hits)
	}
	if content, err := fs.ReadFile(m.Images(), "x.png"); string(content) != "png" {
		t.Errorf("%q, %v", content, err)
	}
}
