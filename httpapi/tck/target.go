package tck

import (
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// Target is a kind of server that can be started.
type Target struct {
	// Start starts a server and returns its URL, without a path, and what stops it. The server must answer when Start returns.
	Start func(t testing.TB, s Server) (url string, stop func())
	// Lacks names libraries that the server's scripts cannot import; cases that need them are skipped.
	Lacks []string
	// Skip says why this target cannot be asked a case, or "".
	Skip func(c Case) string
	// Gaps are the intended differences.
	Gaps []Gap
}

// Server is what a server is started with. The folders exist; the state folder holds state.ini if the configuration has one.
type Server struct {
	Config    string // name
	Text      string // the configuration file's text
	StateINI  string // "" when there is none
	Port      int    // a free one, at 127.0.0.1; the text names it
	StatePath string // the text names it
}

// running is a started server, as cases use it.
type running struct {
	server Server
	url    string
	client *http.Client
}

// servers keeps the shared servers of a group.
type servers struct {
	t      *testing.T // the group's: shared servers live as long
	target Target
	shared map[string]*running
}

// get is the server for a case, and what is to be done after the case.
func (s *servers) get(t *testing.T, c Case) (*running, func()) {
	if c.Fresh {
		r, stop := s.start(t, c.Config)
		return r, stop
	}
	r := s.shared[c.Config]
	if r == nil {
		var stop func()
		r, stop = s.start(s.t, c.Config)
		s.t.Cleanup(stop)
		s.shared[c.Config] = r
	}
	return r, func() {}
}

func (s *servers) start(t *testing.T, name string) (*running, func()) {
	t.Helper()
	server := prepare(t, name)
	url, stop := s.target.Start(t, server)
	transport := &http.Transport{DisableCompression: true} // no Accept-Encoding unless a case lists it
	r := &running{server: server, url: strings.TrimSuffix(url, "/"), client: &http.Client{Transport: transport, CheckRedirect: noRedirect}}
	return r, func() {
		transport.CloseIdleConnections()
		stop()
	}
}

func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// prepare fills a configuration in.
func prepare(t testing.TB, name string) Server {
	t.Helper()
	text, state, err := config(name)
	if err != nil {
		t.Fatal(err)
	}
	s := Server{Config: name, Port: freePort(t), StatePath: t.TempDir()}
	s.Text, s.StateINI = s.fill(text), s.fill(state)
	if state != "" {
		if err := os.WriteFile(filepath.Join(s.StatePath, "state.ini"), []byte(s.StateINI), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// fill replaces the placeholders of configurations and answers.
func (s Server) fill(text string) string {
	return strings.NewReplacer("${PORT}", strconv.Itoa(s.Port), "${STATE_PATH}", s.StatePath).Replace(text)
}

func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
