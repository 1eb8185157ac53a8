package runtime

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"tabcell/runtime/internal/memguard"

	"github.com/rs/zerolog"
)

// servicesFunc is a function that implements Services.
type servicesFunc func(ctx context.Context, service Service, name string, body, code []byte) (int, []byte)

func (s servicesFunc) Serve(ctx context.Context, service Service, name string, body, code []byte) (int, []byte) {
	return s(ctx, service, name, body, code)
}

// evaluateWith evaluates a script that makes one request.
func evaluateWith(e *Engine, s Services, request string) (string, error) {
	r, err := e.Evaluate(context.Background(), Call{Body: []byte("z" + request), Services: s})
	return string(r.Body), err
}

func TestServices(t *testing.T) {
	e := newEngine(t, nil)
	echo := servicesFunc(func(_ context.Context, service Service, name string, body, code []byte) (int, []byte) {
		if name == "empty" {
			return 204, nil
		}
		return 200, fmt.Appendf(nil, "%s %s %s %s %v", service, name, body, code, code == nil)
	})
	for _, c := range []struct{ request, want string }{
		{`{"service": "query", "name": "m", "body": 4}` + "\nbody", "200query m body  true"},
		{`{"service": "deploy", "name": "m", "body": 2}` + "\nbocode", "200deploy m bo code false"},
		{`{"service": "remove", "name": "empty"}` + "\n", "204"},
		{`{"service": "query", "body": 5}` + "\nbody", "---"},
		{`{"service": "query", "body": -1}` + "\nbody", "---"},
		{`{"service": "query"}`, "---"},
		{"\n", "---"},
		{`{"service": "query", "name": "` + strings.Repeat("n", 5000) + `"}` + "\n", "---"},
		{"", "---"},
	} {
		if got, err := evaluateWith(e, echo, c.request); err != nil || got != c.want {
			t.Errorf("%.60s: got %q, error %v; want %q", c.request, got, err, c.want)
		}
		if got, err := evaluateWith(e, nil, c.request); err != nil || got != "---" {
			t.Errorf("without services: got %q, error %v", got, err)
		}
	}
}

// TestNestedQueries makes queries that wait for others while they hold the only permit.
func TestNestedQueries(t *testing.T) {
	e := newEngine(t, func(c *Config) { c.Concurrency = 1 })
	var s servicesFunc
	s = func(ctx context.Context, _ Service, name string, body, _ []byte) (int, []byte) {
		r, err := e.QueryModel(ctx, sourceModel("x"+name), Call{Body: body, Services: s})
		if err != nil {
			return 500, []byte(err.Error())
		}
		return 200, r.Body
	}
	request := "edeep"
	for i := range 6 { // the innermost query is below five others, each of another model
		request = fmt.Sprintf("z{\"service\":\"query\",\"name\":\"%d\",\"body\":%d}\n%s", i, len(request), request)
	}
	done := make(chan string)
	go func() {
		got, err := evaluateWith(e, s, request[1:])
		done <- fmt.Sprint(got, err)
	}()
	select {
	case got := <-done:
		if want := strings.Repeat("200", 6) + "deep<nil>"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("a query waits for the permit of the call above it")
	}
	if n := e.queue.Running(); n > 1 {
		t.Errorf("%d permits are in use", n)
	}
}

// TestSharedAllowance checks that a query gets only the memory that the calls above it have left,
// also for loading its model, and that they have all of it again afterwards.
func TestSharedAllowance(t *testing.T) {
	e := newEngine(t, func(c *Config) { c.Concurrency = 1 })
	spare := uint64(64 << 10) // a page, which the guest does not see
	if memguard.Supported() {
		spare = 0
	}
	image := e.template.Image().Size() - spare
	pages := func(ctx context.Context) string {
		r, err := e.QueryModel(ctx, sourceModel("x"), Call{Body: []byte("g")})
		return fmt.Sprint(string(r.Body), err)
	}
	grown := func(limit uint64) string { // in steps of 1 MiB
		return fmt.Sprint((image+(limit-image-spare)>>20<<20)>>16) + "<nil>"
	}
	s := servicesFunc(func(ctx context.Context, _ Service, _ string, _, _ []byte) (int, []byte) {
		used := &permitOf(ctx).used
		used.cells.Add(20 << 20)
		if got, want := pages(ctx), grown(12<<20); got != want {
			t.Errorf("with 20 MiB in use, a query grew to %s pages, want %s", got, want)
		}
		used.cells.Add(20 << 20) // more than the limit
		if got, want := pages(ctx), fmt.Sprint(image>>16)+"<nil>"; got != want {
			t.Errorf("with nothing left, a query grew to %s pages, want %s", got, want)
		}
		if _, err := e.QueryModel(ctx, sourceModel("b"), Call{Body: []byte("c")}); err == nil {
			t.Error("a model of 8 MB was loaded with nothing left")
		}
		used.cells.Store(0)
		return 200, nil
	})
	if _, err := evaluateWith(e, s, `{"service":"query"}`+"\n"); err != nil {
		t.Error(err)
	}
	if got, want := pages(t.Context()), grown(32<<20); got != want {
		t.Errorf("afterwards, a query grew to %s pages, want %s", got, want)
	}
	if _, err := e.QueryModel(t.Context(), sourceModel("b"), Call{Body: []byte("c")}); err != nil {
		t.Errorf("afterwards, the model is not loaded: %v", err)
	}
}

// TestRequestLimit makes requests that are too long, alone or together with those above them.
func TestRequestLimit(t *testing.T) {
	e := newEngine(t, func(c *Config) { c.Limits.Request = 1000 })
	var s servicesFunc
	s = func(ctx context.Context, _ Service, _ string, body, _ []byte) (int, []byte) {
		used := permitOf(ctx).used.host.Load()
		r, err := e.QueryModel(ctx, sourceModel("x"), Call{Body: body, Services: s})
		if now := permitOf(ctx).used.host.Load(); now != used {
			t.Errorf("after a query, %d bytes are in use, before it %d", now, used)
		}
		return 200, fmt.Append(nil, string(r.Body), err)
	}
	head := `{"service":"query","name":"m","body":%d}` + "\n%s"
	small, large := "e"+strings.Repeat("x", 700), "e"+strings.Repeat("x", 1000)
	nested := func(body string) string { return fmt.Sprintf(head, len(body), body) }
	for _, c := range []struct{ name, request, want string }{
		{"alone", nested(small), "200xxx"},
		{"too long", nested(large), `413{"message": "The request of the script has 1044 bytes, and with`},
		{"together", nested("z" + nested("e"+strings.Repeat("x", 300))), "200200xxx"},
		{"too long together", nested("z" + nested("e"+strings.Repeat("x", 500))), `200413{"message": "The request`},
	} {
		if got, err := evaluateWith(e, s, c.request); err != nil || !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: got %.100q, error %v; want %q", c.name, got, err, c.want)
		}
	}
}

// TestNestedDeadline checks that the deadline of the outer call bounds the inner one.
func TestNestedDeadline(t *testing.T) {
	e := newEngine(t, func(c *Config) { c.Limits.Timeout = time.Second })
	var inner error
	s := servicesFunc(func(ctx context.Context, _ Service, _ string, body, _ []byte) (int, []byte) {
		_, inner = e.QueryModel(ctx, sourceModel("x"), Call{Body: body})
		return 500, nil
	})
	if _, err := evaluateWith(e, s, `{"service":"query","body":1}`+"\nl"); !errors.Is(err, ErrTimeout) || !errors.Is(inner, ErrTimeout) {
		t.Errorf("the outer call ended with %v, the inner one with %v", err, inner)
	}
}

// TestNoSecondRunAfterEffect runs scripts that make a request and then miss a module. A script that
// has changed something must not run again in the large guest.
func TestNoSecondRunAfterEffect(t *testing.T) {
	r, large := newRouterPair(t, closedChannel())
	s := servicesFunc(func(context.Context, Service, string, []byte, []byte) (int, []byte) { return 200, nil })
	for service, want := range map[Service]uint64{
		ServiceQuery: 1, ServiceList: 1, ServiceStatus: 1,
		ServiceDeploy: 0, ServiceUpdate: 0, ServiceRemove: 0, "unknown": 0,
	} {
		before := large.Stats().Calls
		_, _ = r.Evaluate(t.Context(), Call{Body: fmt.Appendf(nil, "Z{\"service\":%q}\n", service), Services: s})
		if n := large.Stats().Calls - before; n != want {
			t.Errorf("%s: %d runs in the large guest, want %d", service, n, want)
		}
	}
}

// TestSearchAfterEffect runs a script that changes something and then searches for a module. It
// keeps its result, and the next call runs in the large guest.
func TestSearchAfterEffect(t *testing.T) {
	r, large := newRouterPair(t, closedChannel())
	var log bytes.Buffer
	ctx := zerolog.New(&log).WithContext(t.Context())
	s := servicesFunc(func(context.Context, Service, string, []byte, []byte) (int, []byte) { return 200, nil })
	for i, command := range []string{"Y", "Y", "Z"} {
		log.Reset()
		before := large.Stats().Calls
		body := fmt.Appendf(nil, `%s{"service":"deploy", "script":"%[1]s"}`+"\n", command)
		result, err := r.Evaluate(ctx, Call{Body: body, Services: s})
		if command == "Y" && (err != nil || string(result.Body) != "without") {
			t.Errorf("call %d returned %q, error %v", i, result.Body, err)
		}
		if command == "Z" && (err == nil || !strings.Contains(err.Error(), "No module named 'scipy.stats' (it was not loaded yet, ")) {
			t.Errorf("call %d: error %v", i, err)
		}
		inLarge := i == 1
		if n := large.Stats().Calls - before; n == 1 != inLarge {
			t.Errorf("call %d: %d runs in the large guest", i, n)
		}
		if strings.Contains(log.String(), `"library":"scipy"`) == inLarge {
			t.Errorf("call %d: log %s", i, &log)
		}
	}
}

// TestNestedSearchAfterEffect runs a script that changes something and then queries a model that
// searches for a module. Only the query runs again.
func TestNestedSearchAfterEffect(t *testing.T) {
	r, large := newRouterPair(t, closedChannel())
	s := servicesFunc(func(ctx context.Context, service Service, _ string, _, _ []byte) (int, []byte) {
		for _, m := range []Model{sourceModel("x"), sourceModel("m")} { // m searches when it is loaded
			permitOf(ctx).effects.Add(1) // as if the script had deployed something before
			result, err := r.QueryModel(ctx, m, Call{Body: []byte("hm:scipy")})
			if err != nil || string(result.Body) != "m:scipy" {
				t.Errorf("the query returned %q, error %v", result.Body, err)
			}
		}
		return 200, nil
	})
	if _, err := r.Evaluate(t.Context(), Call{Body: []byte(`z{"service":"query"}` + "\n"), Services: s}); err != nil {
		t.Error(err)
	}
	if n := large.Stats().Calls; n != 2 {
		t.Errorf("%d calls of the large guest, want 2", n)
	}
}

func FuzzParseRequest(f *testing.F) {
	f.Add([]byte(`{"service": "query", "name": "m", "body": 4}` + "\nbody"))
	f.Add([]byte(`{"service": "deploy", "body": 9007199254740993}` + "\n"))
	f.Add([]byte("\n\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, ok := parseRequest(b); ok && len(r.body)+len(r.code) > len(b) {
			t.Error("body and code are longer than the request")
		}
	})
}
