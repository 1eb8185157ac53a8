package doctor

import (
	"net"
	"os"
	"path/filepath"
	goruntime "runtime"
	"strconv"
	"strings"
	"testing"

	"tabcell/settings"
)

func TestCacheFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "cache")
	if got := checkCache(dir); got.Severity != OK {
		t.Errorf("new folder: got %+v", got)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("files left by the check: %v (error: %v)", left, err)
	}
	if got := checkCache(""); got.Severity != Warning || got.Advice == "" {
		t.Errorf("no folder: got %+v", got)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, make([]byte, 3<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := checkCache(file); got.Severity != Failure {
		t.Errorf("file instead of a folder: got %+v", got)
	}
	if size := sizeOf(filepath.Dir(file)); size != 3<<20 {
		t.Errorf("size: got %d, want %d", size, 3<<20)
	}
	if goruntime.GOOS == "windows" {
		return
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if got := checkCache(dir); got.Severity != Failure || !strings.Contains(got.Advice, "chmod 700") {
		t.Errorf("folder that others can write to: got %+v", got)
	}
}

func TestPort(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listen := func(s settings.Server) (net.Listener, error) {
		return net.Listen("tcp", net.JoinHostPort(s.ListenHost(), strconv.Itoa(s.Port)))
	}
	s := settings.Server{Port: listener.Addr().(*net.TCPAddr).Port}
	if got := checkPort(s, listen); got.Severity != Failure || !strings.Contains(got.Advice, "listen tcp") {
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
