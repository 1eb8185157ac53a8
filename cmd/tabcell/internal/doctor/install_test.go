package doctor

import (
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tabcell/settings"
)

func TestPort(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listen := func(s settings.Server) (net.Listener, error) {
		return net.Listen("tcp", net.JoinHostPort(s.ListenHost(), strconv.Itoa(s.Port)))
	}
	s := settings.Server{Port: listener.Addr().(*net.TCPAddr).Port}
	if got := checkPort(s, listen); got.Severity != Failure || !strings.Contains(got.Text, "listen tcp") || got.Advice == "" {
		t.Errorf("port in use: got %+v", got)
	}
	listener.Close()
	if got := checkPort(s, listen); got.Severity != OK {
		t.Errorf("free port: got %+v", got)
	}
	if got := checkPort(settings.Server{Host: "192.0.2.1"}, listen); got.Severity != Failure {
		t.Errorf("address of another machine: got %+v", got)
	}
}

// A start uses installed code before that in the cache folder, and the checks say so.
func TestInstallation(t *testing.T) {
	s := settings.Defaults()
	s.Cells.Guest, s.Cells.CacheDir = "auto", t.TempDir()
	for _, c := range []struct {
		name              string
		installed, cached []string
		noCache           bool
		code, cache       Severity
		text              string
	}{
		{"installed code", []string{"core", "full"}, nil, true, OK, OK, "uses the code of core, full in "},
		{"cached code", nil, []string{"core", "full"}, false, OK, OK, "uses the code of core, full in " + s.Cells.CacheDir},
		{"both", []string{"core"}, []string{"core", "full"}, false, OK, OK, "core in ; a start uses the code of full in " + s.Cells.CacheDir},
		{"nothing yet", nil, nil, false, OK, OK, "compiles core, full"},
		{"nothing ever", nil, nil, true, Warning, Warning, "every time"},
		{"a part", []string{"core"}, nil, true, Warning, Warning, "compiles full"},
	} {
		s := s
		if c.noCache {
			s.Cells.CacheDir = ""
		}
		findings := checkInstallation(s, func(s settings.Settings, guest string) bool {
			inCache := s.Cells.CodeDir != "" && slices.Contains(c.cached, guest)
			return inCache || s.Cells.CacheDir == "" && slices.Contains(c.installed, guest)
		})
		if code := findings[1]; code.Severity != c.code || !strings.Contains(code.Text, c.text) {
			t.Errorf("%s: %+v", c.name, code)
		}
		if cache := findings[2]; cache.Severity != c.cache {
			t.Errorf("%s: %+v", c.name, cache)
		}
	}
}

func TestClock(t *testing.T) {
	program := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(program, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if f := checkClock(time.Now(), program); f.Severity == Failure {
		t.Errorf("%+v", f)
	}
	if f := checkClock(time.Now().Add(-48*time.Hour), program); f.Severity != Failure || !strings.Contains(f.Text, "but the program was installed on") {
		t.Errorf("a clock that is two days late: %+v", f)
	}
}
