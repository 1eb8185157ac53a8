package registry

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tabcell/runtime/osfile"
)

// A server that has the registry open can be found, and is gone when the registry is closed.
func TestAnnounce(t *testing.T) {
	dir := t.TempDir()
	r, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := ReadServer(dir); !errors.Is(err, ErrNoServer) {
		t.Errorf("before the announcement: error %v, want %v", err, ErrNoServer)
	}
	want := Server{URL: "https://127.0.0.1:9004/sub", Certificate: "/etc/a.crt", PID: 7, Host: "h", Started: time.Unix(1_800_000_000, 0).UTC()}
	if err := r.Announce(want); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, Options{}); !errors.Is(err, ErrLocked) {
		t.Errorf("second open: error %v, want %v", err, ErrLocked)
	}
	if got, err := ReadServer(dir); err != nil || got != want {
		t.Errorf("got %+v, error %v, want %+v", got, err, want)
	}
	if info, err := os.Stat(filepath.Join(dir, serverName)); err != nil || osfile.Exposed(info, 0o077) != 0 {
		t.Errorf("the file has mode %v, error %v", info.Mode(), err)
	}
	reader, err := Open(dir, Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(reader.Announce(want), reader.Close()); !errors.Is(err, ErrReadOnly) {
		t.Errorf("announcement of a reader: error %v, want %v", err, ErrReadOnly)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadServer(dir); !errors.Is(err, ErrNoServer) {
		t.Errorf("after the server: error %v, want %v", err, ErrNoServer)
	}
}

// The description that a crashed server left behind is removed by the next process that takes the
// lock, so that it is not taken for that process's own.
func TestStaleServer(t *testing.T) {
	dir := t.TempDir()
	writeServerFile(t, dir, `{"url": "http://127.0.0.1:1", "pid": 1}`, 0o600)
	r, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got, err := ReadServer(dir); !errors.Is(err, ErrNoServer) {
		t.Errorf("got %+v, error %v, want %v", got, err, ErrNoServer)
	}
}

// A description that another user can write is not believed: it would receive passwords.
func TestReadServerErrors(t *testing.T) {
	for name, c := range map[string]struct {
		text     string
		mode     os.FileMode
		noServer bool
		posix    bool
	}{
		"writable by others": {`{"url": "http://evil"}`, 0o622, false, true},
		"readable by others": {`{"url": "http://evil"}`, 0o644, false, true},
		"no JSON":            {`x`, 0o600, true, false},
		"no address":         {`{"pid": 3}`, 0o600, true, false},
	} {
		if c.posix && !osfile.HasModes {
			continue
		}
		dir := t.TempDir()
		writeServerFile(t, dir, c.text, c.mode)
		if got, err := ReadServer(dir); err == nil || errors.Is(err, ErrNoServer) != c.noServer {
			t.Errorf("%s: got %+v, error %v", name, got, err)
		}
	}
	if _, err := ReadServer(filepath.Join(t.TempDir(), "missing")); err == nil {
		t.Error("a missing folder is no error")
	}
}

func writeServerFile(t *testing.T, dir, text string, mode os.FileMode) {
	t.Helper()
	path := filepath.Join(dir, serverName)
	if err := errors.Join(os.WriteFile(path, []byte(text), 0o600), os.Chmod(path, mode)); err != nil {
		t.Fatal(err)
	}
}
