package server

import (
	"path/filepath"
	"reflect"
	"testing"

	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/settings"
)

// load loads a configuration file with the given sections.
func load(t *testing.T, sections string) *settings.Loaded {
	t.Helper()
	loaded, err := settings.Load(settings.Sources{File: testenv.WriteConfig(t, "[TabPy]\n"+sections)})
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

func TestReloadPaths(t *testing.T) {
	full := func(names ...string) []string {
		for i, name := range names {
			names[i], _ = filepath.Abs(name)
		}
		return names
	}
	loaded := load(t, "")
	if got := ReloadPaths("", loaded); got.Read != nil || got.Logs != nil {
		t.Errorf("the defaults name no file, got %v", got)
	}
	loaded = load(t, "[loggers]\nkeys=root\n[handlers]\nkeys=a,b,c,d\n[formatters]\nkeys=\n[logger_root]\nlevel=INFO\nhandlers=a,b,c,d\n"+
		"[handler_a]\nclass=FileHandler\nargs=('b.log',)\n[handler_b]\nclass=StreamHandler\nargs=()\n"+
		"[handler_c]\nclass=FileHandler\nargs=('a.log',)\n[handler_d]\nclass=FileHandler\nargs=('a.log',)\n")
	s := &loaded.Settings
	s.Auth.PasswordFile, s.State.Path = "pwd", "state"
	s.TLS = settings.TLS{Protocol: "http", Certificate: "crt", Key: "key", ClientCA: "ca", ClientCertMap: "map"}
	s.OAuth.KeySetFile = "keys"
	want := Paths{Read: full("conf", "pwd", filepath.Join("state", "state.ini")), Logs: full("a.log", "b.log")}
	if got := ReloadPaths("conf", loaded); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	s.TLS.Protocol, s.OAuth.Enabled = "https", true
	want.Read = full("ca", "conf", "crt", "key", "keys", "map", "pwd", filepath.Join("state", "state.ini"))
	if got := ReloadPaths("conf", loaded); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
