package runtime

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// The test guest "loads" a model by obeying the first byte of its code; see testdata/guest.c.

// sourceModel returns a model with this code, which is also its digest.
func sourceModel(code string) Model {
	return Model{
		Name: "n", Version: 1, Kind: ModelSource, Function: "f", Digest: code,
		Content: func(context.Context) ([]byte, error) { return []byte(code), nil },
	}
}

func queryModel(e *Engine, m Model, body string) (Result, error) {
	return e.QueryModel(context.Background(), m, Call{Body: []byte(body)})
}

func TestModels(t *testing.T) {
	e := newEngine(t, nil)
	m := sourceModel("x1")
	info, err := e.LoadModel(t.Context(), m)
	if err != nil || info.Docstring != "told" {
		t.Fatalf("%+v, %v", info, err)
	}
	seen := strconv.Itoa(len(warmUps) + 1) // calls of the memory: the warm-ups, and the query
	head := `{"function":"f","kind":"source","name":"n","requires":[]}`
	for _, c := range []struct{ body, want string }{
		{"m", head + "\nx1"}, {"ehello", "hello"}, {"d", seen}, {"c", seen},
		{"v", `{"protocol":"","port":"","timeout":0,"headers":null}`},
	} {
		if r, err := queryModel(e, m, c.body); err != nil || string(r.Body) != c.want {
			t.Errorf("query %s returned %q, error %v; want %q", c.body, r.Body, err, c.want)
		}
	}
	if r, err := queryModel(e, sourceModel("x2"), "m"); err != nil || string(r.Body) != head+"\nx2" {
		t.Errorf("a query of another model returned %q, error %v", r.Body, err)
	}
	if r, err := evaluate(e, "m"); err != nil || string(r.Body) != "" {
		t.Errorf("a script sees the model %q, error %v", r.Body, err)
	}
	if s := e.TemplateStats(); s.Count != 2 || s.Builds != 2 || s.Bytes == 0 || s.Drops != 0 {
		t.Errorf("stats %+v", s)
	}
}

// TestEqualCodeIsNotShared queries endpoints with the same code. What one of them is loaded with must
// not reach the others.
func TestEqualCodeIsNotShared(t *testing.T) {
	e := newEngine(t, nil)
	a, b, c := sourceModel("x"), sourceModel("x"), sourceModel("x")
	a.Requires = []string{"sklearn.svm"}
	c.Name = "other"
	for _, m := range []Model{a, b, c} {
		if r, err := queryModel(e, m, "m"); err != nil || string(r.Body) != m.head()+"\nx" {
			t.Errorf("the model with head %s was loaded with %q, error %v", m.head(), r.Body, err)
		}
	}
	r, _ := newRouterPair(t, closedChannel())
	r.setLargeModel(a)
	if r.isLargeModel(b) {
		t.Error("a model goes to the large guest because of another one with the same code")
	}
	e.ForgetModel("x")
	if s := e.TemplateStats(); s.Count != 0 {
		t.Errorf("stats after ForgetModel: %+v", s)
	}
}

func TestModelErrors(t *testing.T) {
	e := newEngine(t, func(c *Config) { c.TemplateMemory = 500 << 10 })
	short := Limits{Timeout: 100 * time.Millisecond}
	if _, err := e.QueryModel(t.Context(), sourceModel("l"), Call{Body: []byte("c"), Limits: short}); !errors.Is(err, ErrTimeout) {
		t.Errorf("a model that loops when it is loaded: error %v, want %v", err, ErrTimeout)
	}
	var modelErr *ModelError
	for code, want := range map[string]error{"t": ErrCrash, "N": ErrCrash} {
		if _, err := queryModel(e, sourceModel(code), "c"); !errors.Is(err, want) {
			t.Errorf("model %s: error %v, want %v", code, err, want)
		}
	}
	for code, want := range map[string]string{
		"n": "ModuleNotFoundError : No module named 'scipy.stats'",
		"b": "MemoryError : the loaded model takes more memory",
	} {
		if _, err := queryModel(e, sourceModel(code), "c"); !errors.As(err, &modelErr) || !strings.HasPrefix(modelErr.Error(), want) {
			t.Errorf("model %s: error %v, want %q", code, err, want)
		}
	}
	diskErr := errors.New("the disk is gone")
	m := sourceModel("x")
	m.Content = func(context.Context) ([]byte, error) { return nil, diskErr }
	if _, err := e.LoadModel(t.Context(), m); !errors.Is(err, diskErr) {
		t.Errorf("LoadModel returned %v, want the error of Content", err)
	}
	if s := e.TemplateStats(); s.Count != 0 || s.Bytes != 0 {
		t.Errorf("stats %+v", s)
	}
	if e.Stats().Timeouts != 1 {
		t.Errorf("%d timeouts were counted, want 1", e.Stats().Timeouts)
	}
	if _, err := e.QueryModel(t.Context(), sourceModel("x"), Call{Body: []byte("l"), Limits: short}); !errors.Is(err, ErrTimeout) {
		t.Errorf("a query that loops returned %v", err)
	}
}

// TestModelIsBuiltOnce cancels the query that builds a model. Exactly one of those that wait builds
// it again.
func TestModelIsBuiltOnce(t *testing.T) {
	e := newEngine(t, nil)
	m := sourceModel("x")
	entered, unblock := make(chan struct{}), make(chan struct{})
	var reads atomic.Int32
	m.Content = func(ctx context.Context) ([]byte, error) {
		if reads.Add(1) == 1 {
			close(entered)
			select {
			case <-unblock:
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		return []byte("x"), nil
	}
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	all.Go(func() {
		if _, err := e.QueryModel(ctx, m, Call{Body: []byte("c")}); !errors.Is(err, context.Canceled) {
			t.Errorf("the canceled query returned %v", err)
		}
	})
	<-entered
	for range 20 {
		all.Go(func() {
			if _, err := queryModel(e, m, "c"); err != nil {
				t.Error(err)
			}
		})
	}
	cancel()
	all.Wait()
	close(unblock)
	if n := reads.Load(); n != 2 {
		t.Errorf("the code was read %d times, want 2", n)
	}
}

func TestModelEviction(t *testing.T) {
	e := newEngine(t, func(c *Config) { c.TemplateMemory = 2 << 20 })
	for i := range 20 {
		if _, err := queryModel(e, sourceModel(fmt.Sprint("d", i)), "c"); err != nil {
			t.Fatal(err)
		}
		if _, err := queryModel(e, sourceModel("d0"), "c"); err != nil {
			t.Fatal(err)
		}
	}
	s := e.TemplateStats()
	if s.Count < 2 || s.Count > 8 || s.Drops == 0 || s.Builds != 20 { // the first is used in between, and stays
		t.Errorf("stats %+v", s)
	}
	e.ForgetModel("d0")
	if now := e.TemplateStats(); now.Count != s.Count-1 || now.Bytes >= s.Bytes {
		t.Errorf("stats after ForgetModel: %+v", now)
	}
}

// TestForgetRunningModel checks that a running query ends as usual, and that the next one loads the
// model again.
func TestForgetRunningModel(t *testing.T) {
	e := newEngine(t, nil)
	m := sourceModel("x")
	done := make(chan error)
	go func() { // sleeps until its deadline
		_, err := e.QueryModel(context.Background(), m, Call{Body: []byte("s"), Limits: Limits{Timeout: 2 * time.Second}})
		done <- err
	}()
	for e.Stats().Calls == 0 {
		time.Sleep(time.Millisecond)
	}
	e.ForgetModel(m.Digest)
	if s := e.TemplateStats(); s.Count != 0 {
		t.Errorf("stats %+v", s)
	}
	if err := <-done; !errors.Is(err, ErrTimeout) {
		t.Errorf("returned %v", err)
	}
	if r, err := queryModel(e, m, "ehere"); err != nil || string(r.Body) != "here" {
		t.Errorf("returned %q, error %v", r.Body, err)
	}
}

// TestModelHammer queries, loads and forgets more models than fit, concurrently.
func TestModelHammer(t *testing.T) {
	e := newEngine(t, func(c *Config) { c.TemplateMemory = 2 << 20; c.Queue = 100 })
	var all sync.WaitGroup
	for g := range 8 {
		all.Go(func() {
			for i := range 40 {
				code := fmt.Sprint("d", (g*7+i*3)%10)
				switch {
				case i%13 == 5:
					e.ForgetModel(code)
				case i%7 == 3:
					if _, err := e.LoadModel(t.Context(), sourceModel(code)); err != nil {
						t.Error(err)
					}
				default:
					if r, err := queryModel(e, sourceModel(code), "m"); err != nil || !strings.HasSuffix(string(r.Body), "\n"+code) {
						t.Errorf("model %s returned %q, error %v", code, r.Body, err)
					}
				}
			}
		})
	}
	all.Wait()
}

func TestRouterModels(t *testing.T) {
	r, large := newRouterPair(t, closedChannel())
	for _, c := range []struct {
		m            Model
		body         string
		small, large uint64 // calls
	}{
		{sourceModel("x"), "eplain", 1, 0},
		{sourceModel("n"), "eplain", 0, 1}, // loads in neither guest
		{sourceModel("m"), "eplain", 0, 1}, // imports a missing module later
		{sourceModel("x3"), "u", 1, 1},     // misses a module in the query
		{sourceModel("x3"), "u", 0, 1},     // the choice is remembered
		{Model{Requires: []string{"sklearn.svm"}, Digest: "r", Kind: ModelPickle, Content: sourceModel("x").Content}, "eplain", 0, 1},
	} {
		for _, how := range []string{"query", "load and query"} {
			if how != "query" {
				_, _ = r.LoadModel(t.Context(), c.m)
			}
			before, beforeLarge := r.small.Stats().Calls, large.Stats().Calls
			_, _ = r.QueryModel(t.Context(), c.m, Call{Body: []byte(c.body)})
			s, l := r.small.Stats().Calls-before, large.Stats().Calls-beforeLarge
			if want := c.large; c.m.Digest == "n" {
				if l != 0 || s != 0 {
					t.Errorf("model %s ran, although it loads in neither guest", c.m.Digest)
				}
			} else if how == "query" && (s != c.small || l != want) {
				t.Errorf("%s of %s: %d calls of the small guest and %d of the large one, want %d and %d", how, c.m.Digest, s, l, c.small, c.large)
			}
		}
	}
	r.ForgetModel("x3")
	if r.isLargeModel(sourceModel("x3")) || r.TemplateStats().Count == 0 {
		t.Error("the router remembers the guest of a forgotten model")
	}
}
