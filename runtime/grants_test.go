package runtime

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"tabcell/runtime/internal/guest"
)

// grantServer is a server on a loopback address. It echoes all bytes.
type grantServer struct {
	port     string
	accepted atomic.Int64
	open     atomic.Int64
}

func newGrantServer(t testing.TB) *grantServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &grantServer{}
	_, s.port, _ = net.SplitHostPort(l.Addr().String())
	var group sync.WaitGroup
	group.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			s.accepted.Add(1)
			s.open.Add(1)
			group.Go(func() {
				defer s.open.Add(-1)
				defer conn.Close()
				_, _ = io.Copy(conn, conn)
			})
		}
	})
	t.Cleanup(func() { l.Close(); group.Wait() })
	return s
}

// connect is the operation that connects to the server.
func (s *grantServer) connect() string { return "c127.0.0.1 " + s.port }

// grants returns grants for the server.
func (s *grantServer) grants(t testing.TB) *Grants {
	t.Helper()
	target, err := ParseGrantTarget("tcp://127.0.0.1:" + s.port)
	if err != nil {
		t.Fatal(err)
	}
	return &Grants{Owner: "account ann", List: []*Grant{{Name: "g", Connect: []GrantTarget{target}}}}
}

// folderGrants returns grants for a folder, in which a.txt has the text "hello".
func folderGrants(t testing.TB) (g *Grants, file string) {
	t.Helper()
	dir := t.TempDir()
	file = filepath.Join(dir, "a.txt")
	if err := os.WriteFile(file, []byte("hello"), 0o644); err != nil {
		t.Fatal(err)
	}
	return &Grants{List: []*Grant{{Name: "files", Folders: []GrantFolder{{Host: dir, Guest: "/srv/models"}}}}}, file
}

// operate runs a script of operations, and returns their results.
func operate(e Evaluator, g *Grants, operations ...string) ([]string, error) {
	r, err := e.Evaluate(context.Background(), Call{Body: []byte("G" + strings.Join(operations, "\n")), Grants: g, Account: "ann"})
	return strings.Split(strings.TrimSuffix(string(r.Body), "\n"), "\n"), err
}

// expectResults fails unless each result begins with the wanted text.
func expectResults(t *testing.T, got []string, err error, want ...string) {
	t.Helper()
	if err != nil || len(got) != len(want) {
		t.Errorf("got %q, %v; want %q", got, err, want)
		return
	}
	for i := range want {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("result %d is %q, want %q", i, got[i], want[i])
		}
	}
}

func TestGrantUse(t *testing.T) {
	e := newEngine(t, nil)
	s := newGrantServer(t)
	g := s.grants(t)
	var uses []GrantUse
	var mu sync.Mutex
	g.Observe = func(u GrantUse) {
		mu.Lock()
		defer mu.Unlock()
		uses = append(uses, u)
	}
	folders, _ := folderGrants(t)
	g.List = append(g.List, folders.List...)
	g.List[0].Env = map[string]string{"KEY": "s3cret"}
	got, err := operate(e, g, "e", "o/srv/models/a.txt", s.connect(), "shi", "v", "x", "c127.0.0.1 1", "cevil.example 443", "o/etc/passwd", "x")
	expectResults(t, got, err, `{"KEY":"s3cret"}`, "hello", "ok", "ok", "hi", "ok",
		"-1 no grant of this server allows a connection to 127.0.0.1:1 (account ann); ask", "-1 no grant of this server allows a connection to evil.example:443 (account ann)",
		"-1 no grant of this server allows reading /etc/passwd (account ann); ask the administrator", "-2 ")
	if stats := e.Stats(); stats.Connections != 0 || stats.Suspended != 0 {
		t.Errorf("stats %+v", stats)
	}
	if len(uses) != 5 {
		t.Errorf("uses %+v", uses)
	}
	for _, u := range uses {
		if strings.Contains(fmt.Sprint(u), "s3cret") {
			t.Errorf("a use has the secret: %+v", u)
		}
	}
	r, err := e.Evaluate(t.Context(), Call{Body: []byte("v"), Grants: g})
	if want := `"grants":{"connect":true,"folders":["/srv/models"]}}`; err != nil || !strings.HasSuffix(string(r.Body), want) {
		t.Errorf("context %s, %v; want %s", r.Body, err, want)
	}
}

// TestWithoutGrants checks that a call without grants is refused at once, and costs the same as
// before.
func TestWithoutGrants(t *testing.T) {
	e := newEngine(t, nil)
	s := newGrantServer(t)
	got, err := operate(e, nil, "e", "rgood.example 443", s.connect(), "shi", "v", "x", "tgood.example", "o/srv/models/a.txt")
	expectResults(t, got, err, "no env", "-1 no grant of this server allows a connection to good.example:443 (account ann); ask the administrator",
		"-1 no grant of this server allows a connection to 127.0.0.1:"+s.port, "-2 ", "-2 ", "-2 ", "-2 ",
		"-1 no grant of this server allows reading /srv/models/a.txt (account ann); ask the administrator")
	if s.accepted.Load() != 0 || e.network.Open() != 0 {
		t.Error("a connection was made")
	}
	traces := make(chan Trace, 1)
	costs := func(g *Grants) Trace {
		if _, err := e.Evaluate(t.Context(), Call{Body: []byte("d"), Grants: g, Trace: func(trace Trace) { traces <- trace }}); err != nil {
			t.Fatal(err)
		}
		trace := <-traces
		return Trace{Pages: trace.Pages, In: trace.In, Out: trace.Out, Fuel: trace.Fuel}
	}
	without, unused := costs(nil), costs(s.grants(t))
	if without != unused {
		t.Errorf("costs %+v without grants, and %+v with grants that are not used", without, unused)
	}
	c := newCall(t.Context(), Call{}, DefaultLimits(), e.template.Interruption())
	c.grants.network = e.network
	if c.session() != nil || c.hostFiles() != nil || c.grants.context() != nil {
		t.Error("a call without grants has a session")
	}
}

// TestNoSecondRunAfterGrant runs scripts that use a grant and then search for a module of the large
// guest.
func TestNoSecondRunAfterGrant(t *testing.T) {
	s := newGrantServer(t)
	folders, _ := folderGrants(t)
	folders.List = append(folders.List, s.grants(t).List...)
	for _, use := range []string{s.connect(), "o/srv/models/a.txt"} {
		loading := make(chan struct{})
		r, large := newRouterPair(t, loading)
		before := s.accepted.Load()
		got, err := operate(r, folders, use, "u")
		if len(got) != 2 || err != nil || large.Stats().Calls != 0 {
			t.Errorf("%s: in the small guest %q, %v", use, got, err)
		}
		close(loading)
		if err := r.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		calls := r.small.Stats().Calls
		got, err = operate(r, folders, use, "u")
		if len(got) != 2 || err != nil || large.Stats().Calls != 1 || r.small.Stats().Calls != calls+1 {
			t.Errorf("%s: in the large guest %q, %v", use, got, err)
		}
		if use == s.connect() {
			waitFor(t, "each script has made one connection", func() bool { return s.accepted.Load()-before >= 2 })
			if n := s.accepted.Load() - before; n != 2 {
				t.Errorf("two scripts made %d connections", n)
			}
		}
		got, err = operate(r, nil, use, "u") // without grants, it is a search as before
		if len(got) != 2 || err != nil || large.Stats().Calls != 2 {
			t.Errorf("%s without grants: %q, %v", use, got, err)
		}
	}
}

// TestSecretsOfCrash checks that the text of a crash has no variable of the grants, and that the
// next script does not have it.
func TestSecretsOfCrash(t *testing.T) {
	e := newEngine(t, nil)
	g := &Grants{List: []*Grant{{Name: "g", Env: map[string]string{"KEY": "s3cret"}}}}
	r, err := e.Evaluate(t.Context(), Call{Body: []byte("Ge\nT"), Grants: g})
	if !errors.Is(err, ErrCrash) || strings.Contains(err.Error()+string(r.Body)+string(r.Output), "s3cret") {
		t.Errorf("%q, %v", r.Body, err)
	}
	got, err := operate(e, nil, "e")
	expectResults(t, got, err, "no env")
}

// TestGrantTests checks the functions behind tabcell grant test.
func TestGrantTests(t *testing.T) {
	s := newGrantServer(t)
	g, file := folderGrants(t)
	g.List = append(g.List, s.grants(t).List...)
	if r := TestGrants(t.Context(), g, GrantLimits{}, "tcp://127.0.0.1:"+s.port); r.Err != nil || r.Grant != "g" {
		t.Errorf("%+v", r)
	}
	if r := TestGrants(t.Context(), g, GrantLimits{}, "tcp://127.0.0.1:1"); r.Err == nil || !strings.Contains(r.Err.Error(), "no grant") {
		t.Errorf("%+v", r)
	}
	for path, want := range map[string]string{
		"/srv/models/a.txt": "", "/srv/models": "", "/srv": "", "/srv/models/b": "no such file", file: "no grant of this server allows reading", "x": "the path is not absolute",
	} {
		if err := StatGrants(t.Context(), g, path); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
	if err := StatGrants(t.Context(), nil, "/srv"); err == nil {
		t.Error("without grants, a folder can be read")
	}
}

// TestOwnerText checks the account in the text of a refusal. The subject of a token is not in it.
func TestOwnerText(t *testing.T) {
	for account, want := range map[string]string{
		"": "without an account", "ann": "account ann", "Basic ann": "account ann", "Basic ann b": "account ann b", "Bearer 1234": "an account that signs in by token",
	} {
		c := newCall(t.Context(), Call{Account: account}, DefaultLimits(), guest.Interruption{})
		if got := c.owner(); got != want {
			t.Errorf("account %q is shown as %q, want %q", account, got, want)
		}
	}
}
