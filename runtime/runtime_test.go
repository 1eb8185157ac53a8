package runtime

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

//go:embed testdata/guest.wasm
var testGuest []byte

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newEngine returns an engine with the test guest, which verifies every cell.
func newEngine(t testing.TB, change func(*Config)) *Engine {
	t.Helper()
	cfg := Config{Guest: bareGuest("test", testGuest), Concurrency: 2, Verify: true, Limits: Limits{Timeout: time.Minute, Memory: 32 << 20}}
	if change != nil {
		change(&cfg)
	}
	e, err := New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
		if n := e.Stats().DiscardedSlots; n != 0 {
			t.Errorf("%d slots could not be reset", n)
		}
	})
	return e
}

func evaluate(e Evaluator, body string) (Result, error) {
	return e.Evaluate(context.Background(), Call{Body: []byte(body), Context: CallContext{Protocol: "http", Port: "9004", Timeout: "1.5"}})
}

func TestEvaluate(t *testing.T) {
	e := newEngine(t, nil)
	untouched := strconv.Itoa(len(warmUps) + 1)
	for _, c := range []struct{ body, want string }{
		{"ehello", "hello"},
		{"c", untouched},
		{"d", untouched}, // writes to 64 pages ...
		{"d", untouched}, // ... which the next call must not see
		{"e", ""},
		{"v", `{"protocol":"http","port":"9004","timeout":1.5,"headers":null}`},
	} {
		r, err := evaluate(e, c.body)
		if err != nil || string(r.Body) != c.want {
			t.Errorf("script %s returned %q, error %v; want %q", c.body, r.Body, err, c.want)
		}
	}
}

func TestErrors(t *testing.T) {
	e := newEngine(t, func(c *Config) { c.Limits.Output = 1 << 20 })
	for _, c := range []struct {
		name, body string
		want       error
	}{
		{"loop", "l", ErrTimeout},
		{"an exception at the deadline", "i", ErrTimeout},
		{"a sleep that catches the exception", "s", ErrTimeout},
		{"the script's own TimeoutError", "y", ErrTimeout},
		{"the deadline by its standard name", "l", context.DeadlineExceeded},
		{"output", "f", ErrOutput},
		{"trap", "t", ErrCrash},
		{"native stack", "r", ErrCrash},
		{"reply outside of the memory", "o", ErrCrash},
		{"unknown kind", "k", ErrCrash},
		{"bridge failure", "1", ErrCrash},
		{"native exception", "a", ErrCrash},
		{"trap without memory", "gt", ErrMemory},
	} {
		t.Run(c.name, func(t *testing.T) {
			call := Call{Body: []byte(c.body)}
			if errors.Is(c.want, context.DeadlineExceeded) {
				call.Limits.Timeout = 100 * time.Millisecond
			}
			if r, err := e.Evaluate(t.Context(), call); !errors.Is(err, c.want) {
				t.Errorf("returned %q, error %v; want %v", r.Body, err, c.want)
			}
			if r, err := evaluate(e, "c"); err != nil || string(r.Body) != strconv.Itoa(len(warmUps)+1) {
				t.Errorf("the next script did not start from the image: it returned %q, error %v", r.Body, err)
			}
		})
	}
}

func TestScriptErrors(t *testing.T) {
	e := newEngine(t, nil)
	for body, want := range map[string]ScriptError{
		"x":  {Kind: KindScript, Class: "ValueError", Text: "boom", Line: 3, Traceback: "tb"},
		"n2": {Kind: KindEmpty},
		"n3": {Kind: KindData},
		"n4": {Kind: KindNames},
		"q":  {Kind: KindScript, Class: "SystemExit", Text: "3"},
	} {
		_, err := evaluate(e, body)
		var got *ScriptError
		if !errors.As(err, &got) || *got != want {
			t.Errorf("script %s returned %+v, want %+v", body, err, want)
		}
	}
}

// TestInstances counts the instances, to show that none serves two scripts.
func TestInstances(t *testing.T) {
	e := newEngine(t, func(c *Config) { c.Verify = false })
	for i := range 600 { // more than two stages serve
		if _, err := evaluate(e, []string{"c", "t", "x"}[i%3]); i%3 == 0 && err != nil {
			t.Fatal(err)
		}
	}
	if s := e.Stats(); s.Calls != 600 || s.Instances != s.Calls+1 || s.Crashes != 200 {
		t.Errorf("stats %+v", s)
	}
}

func TestMemoryLimit(t *testing.T) {
	e := newEngine(t, nil)
	pages := func(limit uint64) int {
		r, err := e.Evaluate(t.Context(), Call{Body: []byte("g"), Limits: Limits{Memory: limit}})
		if err != nil {
			t.Fatal(err)
		}
		n, _ := strconv.Atoi(string(r.Body))
		return n
	}
	whole, half := pages(0), pages(16<<20)
	if limit := 32 << 20 / 65536; whole > limit || whole < limit-16 {
		t.Errorf("the memory grew to %d pages, the limit is %d", whole, limit)
	}
	if limit := 16 << 20 / 65536; half > limit || half < limit-16 {
		t.Errorf("the memory grew to %d pages, the limit of the call is %d", half, limit)
	}
	if more := pages(1 << 30); more != whole {
		t.Errorf("a call increased the limit of the engine: the memory grew to %d pages", more)
	}
}

func TestPrintLimit(t *testing.T) {
	e := newEngine(t, func(c *Config) { c.Limits.Print = 1000 })
	r, err := evaluate(e, "p")
	if err != nil || len(r.Output) > 1100 || !strings.Contains(string(r.Output), "1047576 more bytes") {
		t.Errorf("%d bytes were kept, error %v, ending in %q", len(r.Output), err, r.Output[max(0, len(r.Output)-80):])
	}
}

func TestEntropy(t *testing.T) {
	e := newEngine(t, nil)
	a, _ := evaluate(e, "w")
	b, _ := evaluate(e, "w")
	if string(a.Body) == string(b.Body) || len(a.Body) != 16 {
		t.Errorf("two cells got the random bytes %x and %x", a.Body, b.Body)
	}
}

func TestCanceledCall(t *testing.T) {
	e := newEngine(t, nil)
	gone := errors.New("the client closed the connection")
	for _, body := range []string{"l", "s", "r"} {
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(20*time.Millisecond, func() { cancel(gone) })
		_, err := e.Evaluate(ctx, Call{Body: []byte(body)})
		if !errors.Is(err, gone) && !(body == "r" && errors.Is(err, ErrCrash)) {
			t.Errorf("script %s returned %v, want the cause of the cancellation", body, err)
		}
	}
}

func TestQueue(t *testing.T) {
	e := newEngine(t, func(c *Config) { c.Concurrency, c.Queue = 1, 1 })
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error, 2)
	for i := range 2 {
		go func() { _, err := e.Evaluate(ctx, Call{Body: []byte("l")}); done <- err }()
		for e.Stats().Running < 1 || e.Stats().Waiting < i {
			time.Sleep(time.Millisecond)
		}
	}
	_, err := evaluate(e, "c")
	var busy *BusyError
	if !errors.Is(err, ErrBusy) || !errors.As(err, &busy) || busy.RetryAfter < time.Second {
		t.Errorf("a third call returned %v, want a BusyError", err)
	}
	cancel()
	for range 2 {
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
	if s := e.Stats(); s.Refused != 1 {
		t.Errorf("stats %+v", s)
	}
}

// TestOwners floods the queue with the calls of one owner, queries and loads of models included.
func TestOwners(t *testing.T) {
	e := newEngine(t, func(c *Config) { c.Concurrency, c.Queue = 1, 6 })
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	flood := Owner{Key: "address 192.0.2.1"}
	calls := []func() error{
		func() error { _, err := e.Evaluate(ctx, Call{Body: []byte("l"), Owner: flood}); return err },
		func() error {
			_, err := e.QueryModel(ctx, sourceModel("x"), Call{Body: []byte("l"), Owner: flood})
			return err
		},
		func() error { _, err := e.LoadModel(WithOwner(ctx, flood), sourceModel("l")); return err },
	}
	done := make(chan error)
	for i := range 4 {
		go func() { done <- calls[i%3]() }()
		for e.Stats().Running < 1 || e.Stats().Waiting < i {
			time.Sleep(time.Millisecond)
		}
	}
	for _, call := range calls {
		err := call()
		if busy, ok := errors.AsType[*BusyError](err); !ok || busy.Owner != flood.Key || busy.Share != 3 || busy.RetryAfter < time.Second {
			t.Errorf("a call beyond half of the queue returned %v", err)
		}
	}
	other := make(chan error)
	go func() {
		_, err := e.Evaluate(t.Context(), Call{Body: []byte("c"), Owner: Owner{Key: "account Basic ann"}})
		other <- err
	}()
	for e.Stats().Waiting < 4 {
		time.Sleep(time.Millisecond)
	}
	cancel()
	if err := <-other; err != nil {
		t.Errorf("the other owner's call returned %v", err)
	}
	for range 4 {
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
}

func TestClosed(t *testing.T) {
	e := newEngine(t, nil)
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := evaluate(e, "c"); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
	if s := e.Stats(); s.Slots != 0 || s.Running != 0 {
		t.Errorf("stats %+v", s)
	}
}

// bareGuest returns a guest without a library.
func bareGuest(name string, wasm []byte) Guest {
	digest := sha256.Sum256(wasm)
	return Guest{
		Name: name, Digest: hex.EncodeToString(digest[:]), Wasm: func() ([]byte, error) { return wasm, nil },
		Resources: func() (map[string][]byte, error) { return nil, nil },
	}
}
