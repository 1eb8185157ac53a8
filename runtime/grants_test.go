package runtime

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	goruntime "runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tabcell/runtime/internal/guest"
)

// grantServer is a server on a loopback address. It echoes what it gets.
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

// waitFor waits until a condition holds.
func waitFor(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !condition(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: this did not happen", what)
		}
	}
}

// TestPermitWhileWaiting runs scripts while another one, which had the only permit, waits for the
// network.
func TestPermitWhileWaiting(t *testing.T) {
	e := newEngine(t, func(c *Config) { c.Concurrency = 1 })
	s := newGrantServer(t)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 2)
	wait := func() {
		_, err := e.Evaluate(ctx, Call{Body: []byte("G" + s.connect() + "\nv"), Grants: s.grants(t)})
		done <- err
	}
	go wait()
	waitFor(t, "the script waits", func() bool { return e.Stats().Suspended == 1 })
	if stats := e.Stats(); stats.Running != 0 || stats.Connections != 1 {
		t.Errorf("stats %+v while a script waits", stats)
	}
	for range 3 {
		got, err := operate(e, s.grants(t), s.connect(), "shi", "v")
		expectResults(t, got, err, "ok", "ok", "hi")
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("the script ended with %v", err)
	}
	waitFor(t, "all is released", func() bool { x := e.Stats(); return x.Running+x.Suspended+x.Connections == 0 })
}

// TestWaitingCells checks that cells beyond the limit keep their permits while they wait.
func TestWaitingCells(t *testing.T) {
	e := newEngine(t, func(c *Config) { c.Concurrency, c.Queue, c.Grants.Waiting = 1, 1, 2 })
	s := newGrantServer(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error, 3)
	for i := range 3 {
		go func() {
			_, err := e.Evaluate(ctx, Call{Body: []byte("G" + s.connect() + "\nv"), Grants: s.grants(t)})
			done <- err
		}()
		waitFor(t, "a script waits", func() bool { return e.Stats().Connections == i+1 && e.Stats().Suspended == min(i+1, 2) })
	}
	time.Sleep(20 * time.Millisecond)
	if stats := e.Stats(); stats.Running != 1 || stats.Suspended != 2 {
		t.Errorf("stats %+v, want a third cell with a permit", stats)
	}
	cancel()
	for range 3 {
		<-done
	}
}

// TestWaitingMemory checks that a cell with more memory than waiting cells may have keeps its permit.
func TestWaitingMemory(t *testing.T) {
	e := newEngine(t, func(c *Config) { c.Concurrency, c.Grants.WaitingMemory = 1, 1<<20 })
	c := newCall(context.WithValue(t.Context(), permitKey{}, &permit{queue: e.queue}), Call{}, DefaultLimits(), guest.Interruption{})
	held, err := e.queue.AcquirePermit(t.Context(), Owner{})
	if err != nil {
		t.Fatal(err)
	}
	defer held.Release()
	permitOf(c.ctx).held, c.imageSize = held, 5<<20
	for memory, want := range map[uint64]int{0: 1, 6 << 20: 1, 6<<20 + 1: 0, 5 << 20: 1} {
		c.grants.memory = memory
		resume := c.park()
		if n := e.Stats().Suspended; n != want {
			t.Errorf("with %d bytes, %d cells wait without a permit, want %d", memory, n, want)
		}
		resume()
	}
}

// waitSlack is four times the 50 ms within which the deadline ends a blocked operation.
const waitSlack = 200 * time.Millisecond

// TestDeadlineOfWait lets the deadline and the caller end scripts that wait.
func TestDeadlineOfWait(t *testing.T) {
	e := newEngine(t, nil)
	s := newGrantServer(t)
	for name, operations := range map[string]string{"receive": s.connect() + "\nv", "after": s.connect() + "\nv\nv\nv\nl"} {
		begun := time.Now()
		_, err := e.Evaluate(t.Context(), Call{Body: []byte("G" + operations), Grants: s.grants(t), Limits: Limits{Timeout: 100 * time.Millisecond}})
		if took := time.Since(begun); !errors.Is(err, ErrTimeout) || took < 100*time.Millisecond || took > 100*time.Millisecond+waitSlack {
			t.Errorf("%s: ended after %v with %v", name, took, err)
		}
		gone := errors.New("the client closed the connection")
		ctx, cancel := context.WithCancelCause(t.Context())
		canceled := make(chan time.Time, 1)
		time.AfterFunc(50*time.Millisecond, func() { canceled <- time.Now(); cancel(gone) })
		_, err = e.Evaluate(ctx, Call{Body: []byte("G" + operations), Grants: s.grants(t)})
		if took := time.Since(<-canceled); !errors.Is(err, gone) || took > waitSlack {
			t.Errorf("%s: ended %v after the caller with %v", name, took, err)
		}
		waitFor(t, "the connections are closed", func() bool { return s.open.Load() == 0 })
	}
	if n := e.Stats().Connections; n != 0 {
		t.Errorf("%d connections are open", n)
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

// TestGrantsOfModels queries models from scripts. The model has the grants of the endpoint and the
// script its own, and neither has those of the other.
func TestGrantsOfModels(t *testing.T) {
	e := newEngine(t, nil)
	s := newGrantServer(t)
	use := "G" + s.connect()
	for _, c := range []struct {
		name          string
		script, model *Grants
		body, want    string
	}{
		{"the endpoint's", nil, s.grants(t), "", "200ok\n"},
		{"the caller's", s.grants(t), nil, "", "200-1 no grant"},
		{"neither", nil, nil, "", "200-1 no grant"},
	} {
		m := sourceModel("x")
		m.Grants = c.model
		services := servicesFunc(func(ctx context.Context, _ Service, _ string, body, _ []byte) (int, []byte) {
			r, err := e.QueryModel(ctx, m, Call{Body: body, Grants: s.grants(t)}) // those of the call do not count
			if err != nil {
				t.Error(err)
			}
			return 200, r.Body
		})
		request := fmt.Sprintf("z{\"service\":\"query\",\"name\":\"m\",\"body\":%d}\n%s", len(use), use)
		r, err := e.Evaluate(t.Context(), Call{Body: []byte(request), Services: services, Grants: c.script})
		if err != nil || !strings.HasPrefix(string(r.Body), c.want) {
			t.Errorf("%s: %q, %v; want %q", c.name, r.Body, err, c.want)
		}
	}
}

// TestNestedWait queries a model from a script that has the only permit. While the model waits for
// the network, other scripts run.
func TestNestedWait(t *testing.T) {
	e := newEngine(t, func(c *Config) { c.Concurrency = 1 })
	s := newGrantServer(t)
	m := sourceModel("x")
	m.Grants = s.grants(t)
	services := servicesFunc(func(ctx context.Context, _ Service, _ string, body, _ []byte) (int, []byte) {
		_, err := e.QueryModel(ctx, m, Call{Body: body})
		return 500, fmt.Append(nil, err)
	})
	use := "G" + s.connect() + "\nv"
	request := fmt.Sprintf("z{\"service\":\"query\",\"name\":\"m\",\"body\":%d}\n%s", len(use), use)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		_, err := e.Evaluate(ctx, Call{Body: []byte(request), Services: services})
		done <- err
	}()
	waitFor(t, "the model waits", func() bool { return e.Stats().Suspended == 1 })
	if _, err := evaluate(e, "eother"); err != nil {
		t.Error(err)
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("the script ended with %v", err)
	}
	waitFor(t, "all is released", func() bool { x := e.Stats(); return x.Running+x.Suspended+x.Connections == 0 })
}

// TestModelFiles loads a model that reads a file. It is loaded again when the file changes, and has
// neither variables nor connections while it is loaded.
func TestModelFiles(t *testing.T) {
	e := newEngine(t, nil)
	g, file := folderGrants(t)
	localhost, _ := ParseGrantTarget("http://localhost")
	g.List = append(g.List, &Grant{Name: "more", Connect: []GrantTarget{localhost}, Env: map[string]string{"KEY": "s3cret"}})
	m := sourceModel("f/srv/models/a.txt")
	m.Grants = g
	query := func(want string, builds uint64) {
		t.Helper()
		r, err := e.QueryModel(t.Context(), m, Call{Body: []byte("K")})
		got := strings.Split(string(r.Body), "\n")
		if err != nil || len(got) != 3 || !strings.HasPrefix(got[0], want) || !strings.HasPrefix(got[1], "-1 no grant") || got[2] != "no env" {
			t.Errorf("the model kept %q, %v; want %s", got, err, want)
		}
		if n := e.TemplateStats().Builds; n != builds {
			t.Errorf("%d builds, want %d", n, builds)
		}
	}
	query("hello", 1)
	query("hello", 1)
	if err := os.WriteFile(file, []byte("HELLO, world"), 0o644); err != nil {
		t.Fatal(err)
	}
	query("HELLO, world", 2)
	query("HELLO, world", 2)
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	query("-7 no such file", 3)
	m.Grants = nil
	query("-1 no grant of this server allows reading /srv/models/a.txt", 4)
	if r, err := e.QueryModel(t.Context(), m, Call{Body: []byte("Ge")}); err != nil || strings.Contains(string(r.Body), "s3cret") {
		t.Errorf("a query without grants has %q, %v", r.Body, err)
	}
	other, _ := folderGrants(t) // another folder at the same path
	m.Grants = other
	query("hello", 5)
	if r, err := e.QueryModel(t.Context(), m, Call{Body: []byte("Ge")}); err != nil || !strings.HasSuffix(string(r.Body), "no env\n") {
		t.Errorf("a query has %q, %v", r.Body, err)
	}
	m.Grants = g
	if r, err := e.QueryModel(t.Context(), m, Call{Body: []byte("Ge")}); err != nil || !strings.HasSuffix(string(r.Body), `{"KEY":"s3cret"}`+"\n") {
		t.Errorf("a query with variables has %q, %v", r.Body, err)
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

// TestGrantHammer runs scripts that use grants, are canceled, crash or reach their deadline. In the
// end, everything must be released.
func TestGrantHammer(t *testing.T) {
	e := newEngine(t, func(c *Config) { c.Concurrency, c.Queue, c.Grants.Waiting, c.Grants.Connections = 2, 64, 3, 12 })
	s := newGrantServer(t)
	g, _ := folderGrants(t)
	g.List = append(g.List, s.grants(t).List...)
	if _, err := operate(e, g, s.connect()); err != nil {
		t.Fatal(err)
	}
	before := goruntime.NumGoroutine()
	scripts := []string{
		s.connect() + "\nshi\nv\nx", s.connect() + "\nshi\nv", s.connect() + "\nv", s.connect() + "\nv\nl", s.connect() + "\nT", "o/srv/models/a.txt", "cevil.example 1",
		s.connect() + "\n" + s.connect() + "\nshi\nv", "rlocalhost 1", s.connect() + "\ntx",
	}
	var group sync.WaitGroup
	for caller := range 16 {
		group.Go(func() {
			r := rand.New(rand.NewPCG(3, uint64(caller)))
			for range 12 {
				ctx, cancel := context.WithCancel(t.Context())
				stop := time.AfterFunc(time.Duration(r.IntN(60))*time.Millisecond, cancel)
				_, err := e.Evaluate(ctx, Call{
					Body: []byte("G" + scripts[r.IntN(len(scripts))]), Grants: g, Owner: Owner{Key: strconv.Itoa(caller % 3)}, Limits: Limits{Timeout: 150 * time.Millisecond},
				})
				stop.Stop()
				cancel()
				known := []error{nil, context.Canceled, ErrTimeout, ErrBusy, ErrCrash}
				if !isAny(err, known) {
					t.Errorf("a script ended with %v", err)
				}
			}
		})
	}
	group.Wait()
	waitFor(t, "all is released", func() bool {
		x := e.Stats()
		return x.Running+x.Suspended+x.Waiting+x.Connections == 0 && s.open.Load() == 0
	})
	waitFor(t, "the goroutines have ended", func() bool { return goruntime.NumGoroutine() <= before })
	if err := e.queue.Drain(t.Context()); err != nil {
		t.Error(err)
	}
	got, err := operate(e, g, s.connect(), "shi", "v")
	expectResults(t, got, err, "ok", "ok", "hi")
}

func isAny(err error, known []error) bool {
	for _, k := range known {
		if errors.Is(err, k) {
			return true
		}
	}
	return false
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
		"/srv/models/a.txt": "", "/srv/models": "", "/srv": "", "/srv/models/b": "no such file", file: "no grant of this server allows reading", "x": "no grant",
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
