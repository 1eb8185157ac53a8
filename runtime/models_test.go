package runtime

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// The hand-made guest "loads" code by obeying its first byte; testdata/guest.c says which.

func codeModel(code string) Model {
	return Model{Name: "n", Version: 1, Kind: ModelSource, Function: "f", Digest: code, Content: func(context.Context) ([]byte, error) { return []byte(code), nil }}
}

func queryModel(e *Engine, m Model, body string) (Result, error) {
	return e.QueryModel(context.Background(), m, Call{Body: []byte(body)})
}

func TestModels(t *testing.T) {
	e := newEngine(t, nil)
	m := codeModel("x1")
	info, err := e.LoadModel(t.Context(), m)
	if err != nil || info.Docstring != "told" {
		t.Fatalf("%+v, %v", info, err)
	}
	head := `{"function":"f","kind":"source","name":"n","requires":[]}`
	for _, c := range []struct{ body, want string }{{"m", head + "\nx1"}, {"ehello", "hello"}, {"d", "6"}, {"c", "6"}, {"v", `{"protocol":"","port":"","timeout":0,"headers":null}`}} {
		if r, err := queryModel(e, m, c.body); err != nil || string(r.Body) != c.want {
			t.Errorf("%s: %q, %v; want %q", c.body, r.Body, err, c.want)
		}
	}
	if r, err := queryModel(e, codeModel("x2"), "m"); err != nil || string(r.Body) != head+"\nx2" {
		t.Errorf("another model: %q, %v", r.Body, err)
	}
	if r, err := ask(e, "m"); err != nil || string(r.Body) != "" {
		t.Errorf("a script sees %q, %v", r.Body, err)
	}
	if s := e.TemplateStats(); s.Count != 2 || s.Builds != 2 || s.Bytes == 0 || s.Drops != 0 {
		t.Errorf("%+v", s)
	}
}

func TestModelsThatDoNotLoad(t *testing.T) {
	e := newEngine(t, func(c *Config) { c.Limits.Timeout = 100 * time.Millisecond; c.TemplateMemory = 1 << 20 })
	var told *ModelError
	for code, want := range map[string]error{"l": ErrTimeout, "t": ErrCrash, "N": ErrCrash} {
		if _, err := queryModel(e, codeModel(code), "c"); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", code, err, want)
		}
	}
	for code, want := range map[string]string{"n": "ModuleNotFoundError : No module named 'scipy.stats'", "b": "MemoryError : the loaded model takes more memory"} {
		if _, err := queryModel(e, codeModel(code), "c"); !errors.As(err, &told) || !strings.HasPrefix(told.Error(), want) {
			t.Errorf("%s: %v", code, err)
		}
	}
	lost := errors.New("the disk is gone")
	m := codeModel("x")
	m.Content = func(context.Context) ([]byte, error) { return nil, lost }
	if _, err := e.LoadModel(t.Context(), m); !errors.Is(err, lost) {
		t.Errorf("%v", err)
	}
	if s := e.TemplateStats(); s.Count != 0 || s.Bytes != 0 {
		t.Errorf("%+v", s)
	}
	if e.Stats().Timeouts != 1 {
		t.Errorf("%d timeouts", e.Stats().Timeouts)
	}
	if _, err := queryModel(e, codeModel("x"), "l"); !errors.Is(err, ErrTimeout) {
		t.Errorf("a query that loops: %v", err)
	}
}

// TestFirstQueriesBuildOnce: and a caller that goes away while it builds leaves the building to the
// others.
func TestFirstQueriesBuildOnce(t *testing.T) {
	e := newEngine(t, nil)
	m := codeModel("x")
	entered, opened := make(chan struct{}), make(chan struct{})
	var reads atomic.Int32
	m.Content = func(ctx context.Context) ([]byte, error) {
		if reads.Add(1) == 1 {
			close(entered)
			select {
			case <-opened:
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		return []byte("x"), nil
	}
	ctx, leave := context.WithCancel(context.Background())
	var all sync.WaitGroup
	all.Go(func() {
		if _, err := e.QueryModel(ctx, m, Call{Body: []byte("c")}); !errors.Is(err, context.Canceled) {
			t.Errorf("who went away: %v", err)
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
	leave()
	all.Wait()
	close(opened)
	if n := reads.Load(); n != 2 {
		t.Errorf("the code was read %d times", n)
	}
}

func TestModelsAgeOut(t *testing.T) {
	e := newEngine(t, func(c *Config) { c.TemplateMemory = 2 << 20 })
	for i := range 20 {
		if _, err := queryModel(e, codeModel(fmt.Sprint("d", i)), "c"); err != nil {
			t.Fatal(err)
		}
		if _, err := queryModel(e, codeModel("d0"), "c"); err != nil {
			t.Fatal(err)
		}
	}
	s := e.TemplateStats()
	if s.Count < 2 || s.Count > 8 || s.Drops == 0 || s.Builds != 20 { // the first is used again and again, and stays
		t.Errorf("%+v", s)
	}
	e.ForgetModel("d0")
	if now := e.TemplateStats(); now.Count != s.Count-1 || now.Bytes >= s.Bytes {
		t.Errorf("after one was forgotten: %+v", now)
	}
}

// TestForgottenWhileItRuns: the running query ends well, and the next one loads again.
func TestForgottenWhileItRuns(t *testing.T) {
	e := newEngine(t, func(c *Config) { c.Limits.Timeout = 200 * time.Millisecond })
	m := codeModel("x")
	done := make(chan error)
	go func() {
		_, err := queryModel(e, m, "s") // sleeps to its deadline
		done <- err
	}()
	for e.Stats().Calls == 0 {
		time.Sleep(time.Millisecond)
	}
	e.ForgetModel(m.Digest)
	if s := e.TemplateStats(); s.Count != 0 {
		t.Errorf("%+v", s)
	}
	if err := <-done; !errors.Is(err, ErrTimeout) {
		t.Errorf("%v", err)
	}
	if r, err := queryModel(e, m, "ehere"); err != nil || string(r.Body) != "here" {
		t.Errorf("%q, %v", r.Body, err)
	}
}

// TestModelHammer: queries, loads and removals of more models than fit, at once.
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
					if _, err := e.LoadModel(t.Context(), codeModel(code)); err != nil {
						t.Error(err)
					}
				default:
					if r, err := queryModel(e, codeModel(code), "m"); err != nil || !strings.HasSuffix(string(r.Body), "\n"+code) {
						t.Errorf("%s: %q, %v", code, r.Body, err)
					}
				}
			}
		})
	}
	all.Wait()
}

func TestModelsGoWhereTheirModulesAre(t *testing.T) {
	r, large := newPair(t, closed())
	for _, c := range []struct {
		m            Model
		body         string
		small, large uint64 // calls
	}{
		{codeModel("x"), "eplain", 1, 0},
		{codeModel("n"), "eplain", 0, 1}, // does not load in the small guest: the large one, which is told so too
		{codeModel("m"), "eplain", 0, 1}, // will miss a module
		{codeModel("x3"), "u", 1, 1},     // misses one in the query
		{codeModel("x3"), "u", 0, 1},     // which is remembered
		{Model{Requires: []string{"sklearn.svm"}, Digest: "r", Kind: ModelPickle, Content: codeModel("x").Content}, "eplain", 0, 1},
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
					t.Errorf("%s: a model that loads nowhere ran", c.m.Digest)
				}
			} else if how == "query" && (s != c.small || l != want) {
				t.Errorf("%s of %s: %d calls of the small guest and %d of the large one, want %d and %d", how, c.m.Digest, s, l, c.small, c.large)
			}
		}
	}
	r.ForgetModel("x3")
	if r.isLargeModel(codeModel("x3")) || r.TemplateStats().Count == 0 {
		t.Error("a choice outlives its model")
	}
}
