package server

import (
	"path/filepath"
	"reflect"
	"testing"

	"tabcell/settings"
	"tabcell/settings/pylog"
)

func TestReloadPaths(t *testing.T) {
	full := func(names ...string) []string {
		for i, name := range names {
			names[i], _ = filepath.Abs(name)
		}
		return names
	}
	loaded := &settings.Loaded{Settings: settings.Defaults()}
	if got := ReloadPaths("", loaded); got.Read != nil || got.Logs != nil {
		t.Errorf("the defaults name no file, got %v", got)
	}
	s := &loaded.Settings
	s.Auth.PasswordFile, s.State.Path = "pwd", "state"
	s.TLS = settings.TLS{Protocol: "http", Certificate: "crt", Key: "key"}
	s.OAuth.KeySetFile = "keys"
	loaded.PyLog = &pylog.Config{Handlers: []pylog.Handler{{File: pylog.File{Path: "b.log"}}, {}, {File: pylog.File{Path: "a.log"}}, {File: pylog.File{Path: "a.log"}}}}
	want := Paths{Read: full("conf", "pwd", filepath.Join("state", "state.ini")), Logs: full("a.log", "b.log")}
	if got := ReloadPaths("conf", loaded); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	s.TLS.Protocol, s.OAuth.Enabled = "https", true
	want.Read = full("conf", "crt", "key", "keys", "pwd", filepath.Join("state", "state.ini"))
	if got := ReloadPaths("conf", loaded); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
