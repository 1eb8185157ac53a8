package settings

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestDefaults(t *testing.T) {
	l, err := Load(Sources{})
	if err != nil || len(l.Warnings) > 0 {
		t.Fatal(err, l.Warnings)
	}
	if l.Settings != Defaults() {
		t.Errorf("Load returns %+v, want %+v", l.Settings, Defaults())
	}
	if host := l.Settings.Server.ListenHost(); host != "127.0.0.1" {
		t.Errorf("the host is %q, want 127.0.0.1", host)
	}
	if text := l.Settings.Evaluate.Timeout.String(); text != "30" {
		t.Errorf("the timeout prints as %q, want 30", text)
	}
}

func TestMissingFile(t *testing.T) {
	_, err := Load(Sources{File: filepath.Join(t.TempDir(), "none.conf")})
	if err == nil || !strings.Contains(err.Error(), "none.conf") {
		t.Errorf("Load returns %v, want an error that names none.conf", err)
	}
}

func TestFileSizeLimit(t *testing.T) {
	file := filepath.Join(t.TempDir(), "huge.conf")
	if err := os.WriteFile(file, bytes.Repeat([]byte("# comment\n"), maxFileSize/10+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(Sources{File: file}); err == nil || !strings.Contains(err.Error(), "larger than 1048576 bytes") {
		t.Errorf("Load returns %v, want an error with the size limit", err)
	}
}

// A state folder without state.ini gives the default service. Endpoints are in the state folder
// unless TABCELL_MODELS_PATH names another one.
func TestMissingStateFile(t *testing.T) {
	dir := t.TempDir()
	l, err := Load(Sources{Environ: []string{"TABPY_STATE_PATH=" + dir}})
	if err != nil || l.Service.Name != "TabPy Server" || l.Service.CreationTime != "0" {
		t.Fatalf("Load returns %+v, %v", l, err)
	}
	if got, want := l.Settings.Models.Path, filepath.Join(dir, "tabcell-models"); got != want {
		t.Errorf("Models.Path is %s, want %s", got, want)
	}
	l, err = Load(Sources{Environ: []string{"TABPY_STATE_PATH=" + dir, "TABCELL_MODELS_PATH=/models"}})
	if err != nil || l.Settings.Models.Path != "/models" {
		t.Errorf("Load returns %+v, %v; want Models.Path to be /models", l, err)
	}
}

// By default, the server is reachable from the network only if it authenticates callers.
func TestDefaultHost(t *testing.T) {
	oauth := []string{"TABPY_OAUTH_ENABLED=1", "TABPY_OAUTH_ISSUER=https://i", "TABPY_OAUTH_JWKS_URI=https://i/k", "TABPY_OAUTH_AUDIENCE=a"}
	for _, c := range []struct {
		environ []string
		want    string
	}{
		{[]string{"TABPY_PWD_FILE="}, "127.0.0.1"},
		{[]string{"TABPY_PWD_FILE=testdata/files/passwords.txt"}, "0.0.0.0"},
		{oauth, "0.0.0.0"},
		{append(oauth, "TABCELL_HOST=::1"), "::1"},
	} {
		l, err := Load(Sources{Environ: c.environ})
		if err != nil || l.Settings.Server.ListenHost() != c.want {
			t.Errorf("%v gives %+v, %v; want the host %s", c.environ, l, err, c.want)
		}
	}
}

func TestExpandHome(t *testing.T) {
	t.Setenv("HOME", "/home/ada")
	t.Setenv("USERPROFILE", "/home/ada")
	for in, want := range map[string]string{"~": "/home/ada", "~/state": "/home/ada/state", "~bob/x": "~bob/x", "/x/~": "/x/~", "": ""} {
		if got := expandHome(in); got != want {
			t.Errorf("expandHome(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestSeconds(t *testing.T) {
	for in, want := range map[string]struct {
		text     string
		duration time.Duration
	}{
		"5":       {"5.0", 5 * time.Second},
		"1.5":     {"1.5", 1500 * time.Millisecond},
		".25":     {"0.25", 250 * time.Millisecond},
		"1e1":     {"10.0", 10 * time.Second},
		"1_0.2_5": {"10.25", 10250 * time.Millisecond},
		"0":       {"0.0", 1},
		"1e-5":    {"1e-05", 10 * time.Microsecond},
		"0.0001":  {"0.0001", 100 * time.Microsecond},
		"86400":   {"86400.0", 24 * time.Hour},
	} {
		var s Seconds
		if err := (seconds{&s}).Set(in); err != nil || s.String() != want.text || s.Duration() != want.duration {
			t.Errorf("%q prints as %q and lasts %v (%v), want %q and %v", in, s, s.Duration(), err, want.text, want.duration)
		}
	}
	for _, in := range []string{"", "-1", "nan", "+inf", "Infinity", "86401", "0x10", "1__0", "1_", ".", "5 s", "1e999", "٥"} {
		var s Seconds
		if err := (seconds{&s}).Set(in); err == nil {
			t.Errorf("%q is accepted as %v", in, s)
		}
	}
}

func TestIsLoopback(t *testing.T) {
	for host, want := range map[string]bool{
		"127.0.0.1": true, "127.8.0.1": true, "::1": true, "LocalHost": true, "0.0.0.0": false, "::": false, "10.0.0.1": false, "myhost": false,
		"::ffff:127.0.0.1": true, "::1%lo": true, "": false, "127.1": false, "localhost.example": false,
	} {
		if got := IsLoopback(host); got != want {
			t.Errorf("IsLoopback(%q) = %v, want %v", host, got, want)
		}
	}
}

// TestTable checks that the names are unique and belong together, and that each field of Settings
// has exactly one line.
func TestTable(t *testing.T) {
	seen := map[string]string{}
	var s Settings
	fields := leaves(reflect.ValueOf(&s).Elem())
	for _, line := range table {
		former := formerNames[line.path]
		for _, name := range []string{line.path, line.tabpy, line.own, line.flag, former.own, former.flag} {
			if name != "" && seen[name] != "" {
				t.Errorf("the lines %s and %s both have the name %s", seen[name], line.path, name)
			}
			seen[name] = line.path
		}
		if !strings.HasPrefix(line.own, "TABCELL_") || line.tabpy != "" && strings.TrimPrefix(line.tabpy, "TABPY_") != strings.TrimPrefix(line.own, "TABCELL_") {
			t.Errorf("%s: the names %s and %s differ in more than their prefix", line.path, line.own, line.tabpy)
		}
		if _, found := unsupported[line.tabpy]; found {
			t.Errorf("%s is both in the table and unsupported", line.tabpy)
		}
		at := reflect.ValueOf(line.value(&s)).FieldByName("at").Pointer()
		i := slices.Index(fields, at)
		if i < 0 {
			t.Errorf("%s: value does not return a field, or another line has the same field", line.path)
			continue
		}
		fields = slices.Delete(fields, i, i+1)
	}
	if len(fields) > 0 {
		t.Errorf("%d fields of Settings are not in the table", len(fields))
	}
}

// leaves returns the addresses of all settings in a tree of structs.
func leaves(v reflect.Value) []uintptr {
	if _, one := v.Interface().(Seconds); one || v.Kind() != reflect.Struct {
		return []uintptr{v.Addr().Pointer()}
	}
	var all []uintptr
	for i := range v.NumField() {
		all = append(all, leaves(v.Field(i))...)
	}
	return all
}

// TestEngineMemory checks that a memory limit which the engine does not support is rejected by the
// name under which it was given.
func TestEngineMemory(t *testing.T) {
	for _, c := range []struct {
		limit, max int
		ok         bool
	}{{2047, 2047, true}, {2048, 2047, false}, {2048, 0, true}, {4095, 4095, true}} {
		environ := []string{"TABCELL_MEMORY_LIMIT_MB=" + strconv.Itoa(c.limit)}
		_, err := Load(Sources{Environ: environ, MaxMemoryMB: c.max})
		if (err == nil) != c.ok {
			t.Errorf("limit %d with an engine for %d: %v", c.limit, c.max, err)
		}
		if err != nil && !strings.Contains(err.Error(), "TABCELL_MEMORY_LIMIT_MB = 2048 (environment): must be at most 2047") {
			t.Errorf("error %v, want the name of the setting and the limit", err)
		}
	}
}
