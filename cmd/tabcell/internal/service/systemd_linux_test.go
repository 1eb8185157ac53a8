package service

import (
	"net"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// listen returns a socket like that of systemd, and the environment that names it.
func listen(t *testing.T, more map[string]string) (*net.UnixConn, func(string) string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "notify")
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { socket.Close() })
	return socket, func(name string) string {
		if name == "NOTIFY_SOCKET" {
			return path
		}
		return more[name]
	}
}

// message returns the next message, or "" if none was sent.
func message(t *testing.T, socket *net.UnixConn) string {
	t.Helper()
	if err := socket.SetReadDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	text := make([]byte, 1000)
	n, _ := socket.Read(text)
	return string(text[:n])
}

// TestMessages compares the messages in a socket with those of man 3 sd_notify.
func TestMessages(t *testing.T) {
	socket, env := listen(t, nil)
	n, err := Open(env, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		call func()
		want string
	}{
		{"reloading before it is ready", n.Reloading, `^$`},
		{"reloaded before it is ready", n.Reloaded, `^$`},
		{"status", func() { n.Status("two\nlines") }, `^STATUS=two lines$`},
		{"ready", n.Ready, `^READY=1$`},
		{"reloading", n.Reloading, `^RELOADING=1\nMONOTONIC_USEC=[0-9]+$`},
		{"reloaded", n.Reloaded, `^READY=1$`},
		{"alive", n.Alive, `^WATCHDOG=1$`},
		{"stopping", func() { n.Stopping(31 * time.Second) }, `^STOPPING=1\nEXTEND_TIMEOUT_USEC=31000000$`},
		{"reloaded while it stops", n.Reloaded, `^$`},
	} {
		c.call()
		if got := message(t, socket); !regexp.MustCompile(c.want).MatchString(got) {
			t.Errorf("%s: got %q, want %s", c.name, got, c.want)
		}
	}
}

func TestOpen(t *testing.T) {
	for _, c := range []struct {
		name string
		env  map[string]string
		want time.Duration
		err  string
	}{
		{"no watchdog", nil, 0, ""},
		{"watchdog", map[string]string{"WATCHDOG_USEC": "30000000"}, 30 * time.Second, ""},
		{"watchdog of this process", map[string]string{"WATCHDOG_USEC": "1", "WATCHDOG_PID": "7"}, time.Microsecond, ""},
		{"watchdog of another process", map[string]string{"WATCHDOG_USEC": "1", "WATCHDOG_PID": "8"}, 0, ""},
		{"not a number", map[string]string{"WATCHDOG_USEC": "x"}, 0, "WATCHDOG_USEC"},
		{"too large", map[string]string{"WATCHDOG_USEC": "99999999999999999"}, 0, "WATCHDOG_USEC"},
		{"no socket", map[string]string{"NOTIFY_SOCKET": "/does/not/exist"}, 0, "NOTIFY_SOCKET"},
	} {
		_, env := listen(t, c.env)
		if path := c.env["NOTIFY_SOCKET"]; path != "" {
			env = func(string) string { return path }
		}
		n, err := Open(env, 7)
		if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.err)
		}
		if n.Watchdog() != c.want {
			t.Errorf("%s: interval %v, want %v", c.name, n.Watchdog(), c.want)
		}
	}
	if n, err := Open(func(string) string { return "" }, 7); n != (None{}) || err != nil {
		t.Errorf("without a service manager: %v, error %v", n, err)
	}
}

// TestSystemdIsGone checks that a manager which has ended does not block the server.
func TestSystemdIsGone(t *testing.T) {
	socket, env := listen(t, nil)
	n, err := Open(env, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := socket.Close(); err != nil {
		t.Fatal(err)
	}
	n.Ready()
	n.Alive()
}
