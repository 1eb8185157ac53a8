//go:build install && linux

package packages

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

const startTime = 10 * time.Minute // of a server that compiles Python on a slow host

// server is a server that was started as the unit says, but without systemd.
type server struct {
	t       *testing.T
	process *exec.Cmd
	notify  *net.UnixConn
	url     string
	log     *bytes.Buffer // complete when the process has ended
}

// unitLines returns the values of a name in the unit of the host.
func (h host) unitLines(name string) (values []string) {
	h.t.Helper()
	text, err := os.ReadFile(h.path("/usr/lib/systemd/system/tabcell.service"))
	if err != nil {
		h.t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, name+"="); ok {
			values = append(values, strings.TrimSpace(value))
		}
	}
	if len(values) == 0 {
		h.t.Fatalf("the unit has no line %s=", name)
	}
	return values
}

// account returns the user and group IDs of an account of the host.
func (h host) account(name string) (uid, gid uint32) {
	h.t.Helper()
	text, err := os.ReadFile(h.path("/etc/passwd"))
	if err != nil {
		h.t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if fields := strings.Split(line, ":"); fields[0] == name {
			user, errUser := strconv.ParseUint(fields[2], 10, 32)
			group, errGroup := strconv.ParseUint(fields[3], 10, 32)
			if errUser != nil || errGroup != nil {
				h.t.Fatal(errUser, errGroup)
			}
			return uint32(user), uint32(group)
		}
	}
	h.t.Fatalf("there is no account %s", name)
	return 0, 0
}

// start starts the server with the command, user and environment of the unit, and waits until it
// has reported that it is ready.
func (h host) start() *server {
	h.t.Helper()
	s := &server{t: h.t, notify: h.listen("/run/tabcell-notify"), log: new(bytes.Buffer)}
	s.url = "http://127.0.0.1:" + freePort(h.t)
	uid, gid := h.account(h.unitLines("User")[0])
	command := strings.Fields(h.unitLines("ExecStart")[0])
	s.process = &exec.Cmd{
		Path: command[0], Args: command, Dir: "/", Stderr: io.MultiWriter(s.log, os.Stderr),
		Env: append(strings.Fields(strings.Join(h.unitLines("Environment"), " ")),
			"HOME=/var/lib/tabcell", "NOTIFY_SOCKET=/run/tabcell-notify", "WATCHDOG_USEC=3000000", "TABCELL_GUEST=core", "TABCELL_PORT="+s.url[len("http://127.0.0.1:"):]),
		SysProcAttr: &syscall.SysProcAttr{Chroot: h.root, Credential: &syscall.Credential{Uid: uid, Gid: gid}},
	}
	if err := s.process.Start(); err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = s.process.Process.Kill() }) // an error means that it has ended
	s.await("READY=1")
	s.await("WATCHDOG=1")
	return s
}

func (h host) listen(path string) *net.UnixConn {
	h.t.Helper()
	h.remove(path)
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: h.path(path), Net: "unixgram"})
	if err == nil {
		err = os.Chmod(h.path(path), 0o777)
	}
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { socket.Close() })
	return socket
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}

// await waits for a message of the server to systemd.
func (s *server) await(message string) {
	s.t.Helper()
	if err := s.notify.SetReadDeadline(time.Now().Add(startTime)); err != nil {
		s.t.Fatal(err)
	}
	for text := make([]byte, 10_000); ; {
		n, err := s.notify.Read(text)
		if err != nil {
			s.t.Fatalf("no message %s: %v", message, err)
		}
		for line := range strings.Lines(string(text[:n])) {
			if strings.TrimSpace(line) == message {
				return
			}
		}
	}
}

// ask sends a request, with POST if there is a body, and compares the beginning of the response.
func (s *server) ask(path, body, want string) {
	s.t.Helper()
	var r *http.Response
	var err error
	if body == "" {
		r, err = http.Get(s.url + path)
	} else {
		r, err = http.Post(s.url+path, "text/plain", strings.NewReader(body))
	}
	if err != nil {
		s.t.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if got := fmt.Sprintf("%d %s", r.StatusCode, text); err != nil || !strings.HasPrefix(got, want) {
		s.t.Errorf("%s: %.300s, error %v; want %s", path, got, err, want)
	}
}

// use sends requests to the server, as Tableau and a deployer do.
func (s *server) use() {
	s.t.Helper()
	s.ask("/health/ready", "", `200 {"status": "ready"`)
	s.ask("/evaluate", `{"data": {"_arg1": [1, 2, 3]}, "script": "import numpy\nreturn int(numpy.sum(_arg1))"}`, "200 6")
	s.ask("/endpoints/double/source?function=double", "def double(x):\n    return [2 * v for v in x]\n", "201 ")
	s.ask("/query/double", `{"data": {"x": [1, 2]}}`, `200 {"response": [2, 4]`)
}

// stop reloads and stops the server, as systemctl does.
func (s *server) stop() {
	s.t.Helper()
	http.DefaultClient.CloseIdleConnections()
	if err := s.process.Process.Signal(syscall.SIGHUP); err != nil {
		s.t.Fatal(err)
	}
	s.await("RELOADING=1")
	s.await("READY=1")
	if err := s.process.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Fatal(err)
	}
	s.await("STOPPING=1")
	if err := s.process.Wait(); err != nil {
		s.t.Errorf("the server ended with %v", err)
	}
}

// change writes a line to the end of a file of the host.
func (h host) change(name, line string) {
	h.t.Helper()
	file, err := os.OpenFile(h.path(name), os.O_APPEND|os.O_WRONLY, 0)
	if err == nil {
		_, err = file.WriteString(line + "\n")
	}
	if err != nil || file.Close() != nil {
		h.t.Fatal(err)
	}
}

// has reports whether a file of the host has a line.
func (h host) has(name, line string) bool {
	h.t.Helper()
	text, err := os.ReadFile(h.path(name))
	return err == nil && strings.Contains("\n"+string(text), "\n"+line+"\n")
}

// manifests returns the number of deployed endpoints.
func (h host) manifests() int {
	all, _ := filepath.Glob(h.path("/var/lib/tabcell/models/endpoints/*.json"))
	return len(all)
}
