package server

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"tabcell/cmd/tabcell/internal/confine"
	"tabcell/settings"
	"tabcell/settings/pylog"

	"github.com/rs/zerolog"
)

// TestPlan checks that the rights follow from the configuration, and that no others are kept.
func TestPlan(t *testing.T) {
	dir := t.TempDir()
	full := func(name string) string { return filepath.Join(dir, name) }
	if err := os.Mkdir(full("logs"), 0o700); err != nil {
		t.Fatal(err)
	}
	set := settings.Defaults()
	set.Auth.PasswordFile = full("auth/passwords")
	set.TLS.Certificate, set.TLS.Key = full("tls/crt"), full("tls/key") // not used with http
	set.Static.Path, set.Models.Path, set.Cells.CacheDir = full("static"), full("models"), full("cache")
	set.Audit.To = full("audit/trail")
	s := &service{settings: set, log: zerolog.Nop()}
	loaded := &settings.Loaded{Settings: set, PyLog: &pylog.Config{Handlers: []pylog.Handler{{File: pylog.File{Path: full("logs/a.log")}}}}}
	plan := s.plan(full("conf/tabpy.conf"), loaded)
	var read []string
	for _, path := range plan.Read {
		if rel, err := filepath.Rel(dir, path); err == nil && filepath.IsLocal(rel) {
			read = append(read, filepath.ToSlash(rel))
		}
	}
	slices.Sort(read)
	if want := []string{"auth", "conf", "static"}; !slices.Equal(read, want) {
		t.Errorf("read: got %v, want %v", read, want)
	}
	if want := []string{full("models"), stagingFolder(set), full("audit")}; !slices.Equal(plan.Write, want) {
		t.Errorf("write: got %v, want %v", plan.Write, want)
	}
	if want := []string{full("audit"), full("logs")}; !slices.Equal(plan.Logs, want) {
		t.Errorf("logs: got %v, want %v", plan.Logs, want)
	}
	if want := []string{full("cache")}; !slices.Equal(plan.Prepare, want) {
		t.Errorf("prepare: got %v, want %v", plan.Prepare, want)
	}
	if plan.Sockets || plan.Connect != nil {
		t.Errorf("connections are permitted: %v", plan.Connect)
	}
}

func TestConnections(t *testing.T) {
	syslog := func(network, address string) *pylog.Config {
		return &pylog.Config{Handlers: []pylog.Handler{{}, {Syslog: pylog.Syslog{Network: network, Address: address}}}}
	}
	oauth := settings.OAuth{Enabled: true, JWKSURI: "https://login.example/keys"}
	file := oauth
	file.KeySetFile = "keys"
	for _, c := range []struct {
		name, proxy string
		oauth       settings.OAuth
		audit       string
		log         *pylog.Config
		sockets     bool
		want        []uint16
	}{
		{name: "none"},
		{name: "key set", oauth: oauth, sockets: true, want: []uint16{53, 443}},
		{name: "key set in a file", oauth: file},
		{name: "OAuth is disabled", oauth: settings.OAuth{JWKSURI: oauth.JWKSURI}},
		{name: "port", oauth: settings.OAuth{Enabled: true, JWKSURI: "https://192.0.2.1:8443/keys"}, sockets: true, want: []uint16{8443}},
		{name: "proxy", oauth: oauth, proxy: "http://192.0.2.1:3128", sockets: true, want: []uint16{53, 443, 3128}},
		{name: "syslog socket", log: syslog("", "/dev/log"), sockets: true},
		{name: "syslog", log: syslog("tcp", "192.0.2.1:601"), sockets: true, want: []uint16{601}},
		{name: "audit", audit: "syslog:tcp://log.example:6514", sockets: true, want: []uint16{53, 6514}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("HTTPS_PROXY", c.proxy)
			t.Setenv("https_proxy", "")
			loaded := &settings.Loaded{PyLog: c.log}
			loaded.Settings.OAuth, loaded.Settings.Audit.To = c.oauth, c.audit
			var plan confine.Plan
			addConnections(&plan, loaded, keySetAddresses(c.oauth)...)
			slices.Sort(plan.Connect)
			if got := slices.Compact(plan.Connect); plan.Sockets != c.sockets || !slices.Equal(got, c.want) {
				t.Errorf("sockets %v, ports %v; want %v, %v", plan.Sockets, got, c.sockets, c.want)
			}
		})
	}
}
