package grants

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/runtime"
)

// holdingServer responds to a request when it has n of them at the same time. It notes the ends of
// connections.
type holdingServer struct {
	url      string
	n        int
	requests atomic.Int64
	gone     chan struct{}
}

func startHolding(t *testing.T, n int) *holdingServer {
	t.Helper()
	h := &holdingServer{n: n, gone: make(chan struct{}, 100)}
	all := make(chan struct{})
	reached := sync.OnceFunc(func() { close(all) })
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if h.requests.Add(1) == int64(n) {
			reached()
		}
		select {
		case <-all:
		case <-r.Context().Done():
			h.gone <- struct{}{}
		}
	}))
	t.Cleanup(s.Close)
	h.url = "http://localhost:" + s.URL[strings.LastIndexByte(s.URL, ':')+1:]
	return h
}

// script reads the response of the server.
func (h *holdingServer) script() string {
	return "import urllib.request\nreturn urllib.request.urlopen('" + h.url + "').status"
}

// TestPermitsWhileWaiting runs more scripts than there are permits. The server responds when it has
// the requests of all of them.
func TestPermitsWhileWaiting(t *testing.T) {
	e, n := mustEngine(t), runtime.DefaultConcurrency+3
	server := startHolding(t, n)
	grants := grantsOf(connections(t, nil, server.url))
	var group sync.WaitGroup
	for range n {
		group.Go(func() { compare(t, "wait", run(t, e, grants, server.script()), "200") })
	}
	group.Wait()
	if stats := e.Stats(); stats.Suspended != 0 || stats.Connections != 0 {
		t.Errorf("after the scripts, the counters are %+v", stats)
	}
}

// TestEndsWhileWaiting ends scripts that wait for a response: by their time limit, and because the
// caller goes away. Both close the connection. The server would never respond.
func TestEndsWhileWaiting(t *testing.T) {
	e := mustEngine(t)
	server := startHolding(t, 1000)
	grants := grantsOf(connections(t, nil, server.url))
	begun := time.Now()
	const limit = 2 * time.Second
	_, err := e.Evaluate(t.Context(), call(grants, server.script(), runtime.Limits{Timeout: limit}))
	took := time.Since(begun) - limit
	t.Logf("the time limit ended the script after %v", took)
	if !errors.Is(err, runtime.ErrTimeout) || took > testenv.Scaled(time.Second) {
		t.Errorf("%v after its time limit the script ended with %v", took, err)
	}
	<-server.gone
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	canceled := make(chan time.Time, 1)
	go func() {
		for server.requests.Load() < 2 {
			time.Sleep(time.Millisecond)
		}
		canceled <- time.Now()
		cancel()
	}()
	_, err = e.Evaluate(ctx, call(grants, server.script(), runtime.Limits{}))
	took = time.Since(<-canceled)
	t.Logf("the caller ended the script after %v", took)
	if !errors.Is(err, context.Canceled) || took > testenv.Scaled(time.Second) {
		t.Errorf("%v after its caller the script ended with %v", took, err)
	}
	<-server.gone
}
