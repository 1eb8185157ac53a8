package runtime

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// served answers every request with 200 and what it was asked.
type served func(ctx context.Context, service Service, name string, body, code []byte) (int, []byte)

func (s served) Serve(ctx context.Context, service Service, name string, body, code []byte) (int, []byte) {
	return s(ctx, service, name, body, code)
}

func askWith(e *Engine, s Services, request string) (string, error) {
	r, err := e.Evaluate(context.Background(), Call{Body: []byte("z" + request), Services: s})
	return string(r.Body), err
}

func TestServices(t *testing.T) {
	e := newEngine(t, nil)
	echo := served(func(_ context.Context, service Service, name string, body, code []byte) (int, []byte) {
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
		if got, err := askWith(e, echo, c.request); err != nil || got != c.want {
			t.Errorf("%.60s: %q, %v; want %q", c.request, got, err, c.want)
		}
		if got, err := askWith(e, nil, c.request); err != nil || got != "---" {
			t.Errorf("without services: %q, %v", got, err)
		}
	}
}

// TestQueriesBelowQueries: calls that wait for others hold their places, so these must not need
// any.
func TestQueriesBelowQueries(t *testing.T) {
	e := newEngine(t, func(c *Config) { c.Concurrency = 1 })
	var s served
	s = func(ctx context.Context, _ Service, name string, body, _ []byte) (int, []byte) {
		r, err := e.QueryModel(ctx, codeModel("x"+name), Call{Body: body, Services: s})
		if err != nil {
			return 500, []byte(err.Error())
		}
		return 200, r.Body
	}
	request := "edeep"
	for i := range 6 { // the sixth query is below five others, each of another model
		request = fmt.Sprintf("z{\"service\":\"query\",\"name\":\"%d\",\"body\":%d}\n%s", i, len(request), request)
	}
	done := make(chan string)
	go func() {
		got, err := askWith(e, s, request[1:])
		done <- fmt.Sprint(got, err)
	}()
	select {
	case got := <-done:
		if want := strings.Repeat("200", 6) + "deep<nil>"; got != want {
			t.Errorf("%s, want %s", got, want)
		}
	case <-time.After(4 * time.Second):
		t.Fatal("a query waits for the place that the call above it holds")
	}
	if n := e.queue.Running(); n > 1 {
		t.Errorf("%d places are out", n)
	}
}

// TestDeadlineHoldsBelow: the time of the outermost call is the time of all.
func TestDeadlineHoldsBelow(t *testing.T) {
	e := newEngine(t, func(c *Config) { c.Limits.Timeout = 200 * time.Millisecond })
	var below error
	s := served(func(ctx context.Context, _ Service, _ string, body, _ []byte) (int, []byte) {
		_, below = e.QueryModel(ctx, codeModel("x"), Call{Body: body})
		return 500, nil
	})
	if _, err := askWith(e, s, `{"service":"query","body":1}`+"\nl"); !errors.Is(err, ErrTimeout) || !errors.Is(below, ErrTimeout) {
		t.Errorf("above %v, below %v", err, below)
	}
}

// TestNoSecondRunAfterADeed: a script that changed something and then misses a module must not do
// it again in the large guest.
func TestNoSecondRunAfterADeed(t *testing.T) {
	r, large := newPair(t, closed())
	s := served(func(context.Context, Service, string, []byte, []byte) (int, []byte) { return 200, nil })
	for service, want := range map[Service]uint64{ServiceQuery: 1, ServiceList: 1, ServiceStatus: 1, ServiceDeploy: 0, ServiceUpdate: 0, ServiceRemove: 0, "later": 0} {
		before := large.Stats().Calls
		_, _ = r.Evaluate(t.Context(), Call{Body: fmt.Appendf(nil, "Z{\"service\":%q}\n", service), Services: s})
		if n := large.Stats().Calls - before; n != want {
			t.Errorf("%s: %d runs in the large guest, want %d", service, n, want)
		}
	}
}

func FuzzRequest(f *testing.F) {
	f.Add([]byte(`{"service": "query", "name": "m", "body": 4}` + "\nbody"))
	f.Add([]byte(`{"service": "deploy", "body": 9007199254740993}` + "\n"))
	f.Add([]byte("\n\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, ok := parseRequest(b); ok && len(r.body)+len(r.code) > len(b) {
			t.Error("more came out than went in")
		}
	})
}
