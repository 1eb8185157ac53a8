package cli

import (
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/testenv"
)

// managerSocket is the socket of a service manager.
type managerSocket struct{ *net.UnixConn }

func newManagerSocket(t *testing.T) (managerSocket, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "notify")
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { socket.Close() })
	return managerSocket{socket}, "NOTIFY_SOCKET=" + path
}

// await reads messages until one has the line, and returns all of their lines.
func (s managerSocket) await(t *testing.T, line string) (lines []string) {
	t.Helper()
	if err := s.SetReadDeadline(time.Now().Add(testenv.Scaled(30 * time.Second))); err != nil {
		t.Fatal(err)
	}
	text := make([]byte, 10_000)
	for !slices.Contains(lines, line) {
		n, err := s.Read(text)
		if err != nil {
			t.Fatalf("no %q in %q: %v", line, lines, err)
		}
		lines = append(lines, strings.Split(string(text[:n]), "\n")...)
	}
	return lines
}

// TestServiceManager checks what a server tells the service manager from its start to its end.
func TestServiceManager(t *testing.T) {
	socket, env := newManagerSocket(t)
	ready := make(chan struct{})
	s := startServerWhen(t, ready, env, "WATCHDOG_USEC=300000") // so that the server reports every 0.1 s
	socket.await(t, "STATUS=preparing the Python guest; until then, scripts get status 503")
	s.reload(t, 1)
	close(ready)
	if lines := socket.await(t, "READY=1"); slices.Contains(lines, "RELOADING=1") {
		t.Errorf("a server that starts has reported that it reloads: %q", lines)
	}
	for range 3 {
		socket.await(t, "WATCHDOG=1")
	}
	s.reloads <- os.Interrupt
	socket.await(t, "RELOADING=1")
	socket.await(t, "STATUS=the configuration was reloaded")
	socket.await(t, "READY=1")
	s.signals <- syscall.SIGTERM
	socket.await(t, "STOPPING=1")
	s.wait(t, exitOK)
}

// TestServiceManagerIsMissing checks that the server runs without the manager that its environment
// names.
func TestServiceManagerIsMissing(t *testing.T) {
	s := startServer(t, "NOTIFY_SOCKET=/does/not/exist")
	s.stderr.Find(t, `(the service manager is not told about the state of the server)`)
	s.signals <- syscall.SIGTERM
	s.wait(t, exitOK)
}
