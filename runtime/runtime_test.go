package runtime

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

//go:embed testdata/guest.wasm
var testGuest []byte

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newEngine is an engine over the small test guest, with every cell verified.
func newEngine(t testing.TB, change func(*Config)) *Engine {
	t.Helper()
	cfg := Config{Guest: bareGuest("test", testGuest), Concurrency: 2, Verify: true, Limits: Limits{Timeout: 5 * time.Second, Memory: 32 << 20}}
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
			t.Errorf("%d slots were not the image again", n)
		}
	})
	return e
}

func ask(e *Engine, body string) (Result, error) {
	return e.Evaluate(context.Background(), Call{Body: []byte(body), Context: CallContext{Protocol: "http", Port: "9004", Timeout: "1.5"}})
}

func TestAnswers(t *testing.T) {
	e := newEngine(t, nil)
	untouched := strconv.Itoa(len(warmUps) + 1)
	for _, c := range []struct{ body, want string }{
		{"ehello", "hello"},
		{"c", untouched},
		{"d", untouched}, // dirties 64 pages ...
		{"d", untouched}, // ... that the next call must not see
		{"e", ""},
		{"v", `{"protocol":"http","port":"9004","timeout":1.5,"headers":null}`},
	} {
		r, err := ask(e, c.body)
		if err != nil || string(r.Body) != c.want {
			t.Errorf("%s: %q, %v; want %q", c.body, r.Body, err, c.want)
		}
	}
}

func TestErrors(t *testing.T) {
	e := newEngine(t, func(c *Config) { c.Limits.Output, c.Limits.Timeout = 1<<20, 100*time.Millisecond })
	for _, c := range []struct {
		name, body string
		want       error
	}{
		{"loop", "l", ErrTimeout},
		{"deadline in time", "i", ErrTimeout},
		{"a sleep that swallows the deadline", "s", ErrTimeout},
		{"the script's own TimeoutError", "y", ErrTimeout},
		{"the deadline by its standard name", "l", context.DeadlineExceeded},
		{"output", "f", ErrOutput},
		{"trap", "t", ErrCrash},
		{"native stack", "r", ErrCrash},
		{"reply outside the memory", "o", ErrCrash},
		{"unknown kind", "k", ErrCrash},
		{"bridge failure", "1", ErrCrash},
		{"native exception", "a", ErrCrash},
		{"trap for want of memory", "gt", ErrMemory},
	} {
		t.Run(c.name, func(t *testing.T) {
			if r, err := ask(e, c.body); !errors.Is(err, c.want) {
				t.Errorf("%q, %v; want %v", r.Body, err, c.want)
			}
			if r, err := ask(e, "c"); err != nil || string(r.Body) != strconv.Itoa(len(warmUps)+1) {
				t.Errorf("the next script does not meet the image: %q, %v", r.Body, err)
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
		_, err := ask(e, body)
		var got *ScriptError
		if !errors.As(err, &got) || *got != want {
			t.Errorf("%s: %+v; want %+v", body, err, want)
		}
	}
}

// TestInstances: a counter proves that no instance serves two scripts, whatever becomes of them.
func TestInstances(t *testing.T) {
	e := newEngine(t, func(c *Config) { c.Verify = false })
	for i := range 600 { // more than two stages' lives
		if _, err := ask(e, []string{"c", "t", "x"}[i%3]); i%3 == 0 && err != nil {
			t.Fatal(err)
		}
	}
	if s := e.Stats(); s.Calls != 600 || s.Instances != s.Calls+1 || s.Crashes != 200 {
		t.Errorf("%+v", s)
	}
}

func TestMemoryCap(t *testing.T) {
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
	if most := 32 << 20 / 65536; whole > most || whole < most-16 {
		t.Errorf("grew to %d pages under a cap of %d", whole, most)
	}
	if most := 16 << 20 / 65536; half > most || half < most-16 {
		t.Errorf("grew to %d pages under the call's cap of %d", half, most)
	}
	if more := pages(1 << 30); more != whole {
		t.Errorf("a call raised the engine's cap: %d pages", more)
	}
}

func TestPrintCap(t *testing.T) {
	e := newEngine(t, func(c *Config) { c.Limits.Print = 1000 })
	r, err := ask(e, "p")
	if err != nil || len(r.Output) > 1100 || !strings.Contains(string(r.Output), "1047576 more bytes") {
		t.Errorf("%d bytes, %v: %q", len(r.Output), err, r.Output[max(0, len(r.Output)-80):])
	}
}

func TestEntropy(t *testing.T) {
	e := newEngine(t, nil)
	a, _ := ask(e, "w")
	b, _ := ask(e, "w")
	if string(a.Body) == string(b.Body) || len(a.Body) != 16 {
		t.Errorf("two cells drew %x and %x", a.Body, b.Body)
	}
}

func TestCallerGoesAway(t *testing.T) {
	e := newEngine(t, nil)
	gone := errors.New("the client closed the connection")
	for _, body := range []string{"l", "s", "r"} {
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(20*time.Millisecond, func() { cancel(gone) })
		_, err := e.Evaluate(ctx, Call{Body: []byte(body)})
		if !errors.Is(err, gone) && !(body == "r" && errors.Is(err, ErrCrash)) {
			t.Errorf("%s: %v", body, err)
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
	_, err := ask(e, "c")
	var busy *BusyError
	if !errors.Is(err, ErrBusy) || !errors.As(err, &busy) || busy.RetryAfter < time.Second {
		t.Errorf("a third call: %v", err)
	}
	cancel()
	for range 2 {
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
	if s := e.Stats(); s.Refused != 1 {
		t.Errorf("%+v", s)
	}
}

func TestClosed(t *testing.T) {
	e := newEngine(t, nil)
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := ask(e, "c"); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
	if s := e.Stats(); s.Slots != 0 || s.Running != 0 {
		t.Errorf("%+v", s)
	}
}

func TestCache(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	start := func() (warm bool) {
		e := newEngine(t, func(c *Config) {
			c.CacheDir = dir
			c.Progress = func(p Progress) { warm = warm || p.Done && p.Warm }
		})
		if r, err := ask(e, "e1"); err != nil || string(r.Body) != "1" {
			t.Fatalf("%q %v", r.Body, err)
		}
		return warm
	}
	if start() {
		t.Error("the first start says it was warm")
	}
	if !start() {
		t.Error("the second start compiled again")
	}
	path := oneOf(t, filepath.Join(dir, "*", "*", "*"))
	b, _ := os.ReadFile(path)
	b[len(b)/2] ^= 1
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if start() {
		t.Error("code that was changed on disk was used")
	}
	if !start() {
		t.Error("the cache did not heal")
	}
}

func TestOpenCacheFolder(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	_, err := New(t.Context(), Config{Guest: bareGuest("", testGuest), CacheDir: dir})
	if os.PathSeparator == '/' && (err == nil || !strings.Contains(err.Error(), "is writable by other users")) {
		t.Errorf("a cache folder that others can write: %v", err)
	}
}

// TestStartsTogether: two processes' worth of engines over one empty folder; the second waits and
// finds all compiled.
func TestStartsTogether(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	warm := make(chan bool, 4)
	for range 4 {
		go func() {
			found := false
			e, err := New(context.Background(), Config{Guest: bareGuest("", testGuest), CacheDir: dir, Progress: func(p Progress) { found = found || p.Warm }})
			if err == nil {
				err = e.Close()
			}
			if err != nil {
				t.Error(err)
			}
			warm <- found
		}()
	}
	n := 0
	for range 4 {
		if <-warm {
			n++
		}
	}
	if n != 3 {
		t.Errorf("%d of 4 starts were warm, want 3", n)
	}
}

// bareGuest is a guest without a library.
func bareGuest(name string, wasm []byte) Guest {
	digest := sha256.Sum256(wasm)
	return Guest{
		Name: name, Digest: hex.EncodeToString(digest[:]), Wasm: func() ([]byte, error) { return wasm, nil },
		Resources: func() (map[string][]byte, error) { return nil, nil },
	}
}
