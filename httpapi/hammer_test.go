package httpapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"tabcell/runtime"
	"tabcell/runtime/runtimetest"
)

// Many clients send requests concurrently, and half of them disconnect early. Afterwards no script
// may be running, the budget must be empty, and no goroutine may be left.
func TestConcurrentRequests(t *testing.T) {
	before := goleak.IgnoreCurrent()
	t.Run("clients", func(t *testing.T) {
		srv := newTestServer(t, func(c *Config) { c.MaxRequestBytes = 1 << 20 })
		echoLength(srv, "len")
		srv.engine.On("wait", runtimetest.Blocks(nil))
		srv.engine.On("busy", runtimetest.Fails(&runtime.BusyError{RetryAfter: time.Second}))
		srv.engine.On("panic", func(context.Context, runtime.Call, jsonText) (runtime.Result, error) { panic("boom") })
		var clients sync.WaitGroup
		release := make(chan struct{})
		for n := range 32 {
			clients.Go(func() {
				<-release
				for i := range 40 {
					hammer(t, srv, rand.New(rand.NewSource(int64(100*n+i))))
				}
			})
		}
		close(release)
		clients.Wait()
		waitFor(t, "the end of all scripts", func() bool { return srv.engine.Running() == 0 })
		waitFor(t, "an empty budget", func() bool { return srv.api.budget.used() == 0 })
		srv.script("return 1").want(t, 200, "1")
	})
	goleak.VerifyNone(t, before, ignoreClosing)
}

// hammerRequests lists requests and their statuses. The client cancels requests with status 0.
var hammerRequests = []struct {
	method, path, body string
	status             int
}{
	{"POST", "/evaluate", `{"script": "return 1", "data": {}}`, 200},
	{"POST", "/evaluate", paddedBody(200_000), 200},
	{"POST", "/evaluate", paddedBody(1<<20 + 1), 413},
	{"POST", "/evaluate", `{"script": "wait", "data": {}}`, 0},
	{"POST", "/evaluate", `{"script": "busy", "data": {}}`, 503},
	{"POST", "/evaluate", `{"script": "panic", "data": {}}`, 500},
	{"POST", "/query/x", `{"data": 1}`, 404},
	{"GET", "/info", "", 200},
	{"PATCH", "/info", strings.Repeat("x", 5000), 405},
}

// hammer sends a random request, and cancels some of them after a random time.
func hammer(t *testing.T, srv *testServer, random *rand.Rand) {
	c := hammerRequests[random.Intn(len(hammerRequests))]
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if c.status == 0 || random.Intn(4) == 0 {
		time.AfterFunc(time.Duration(random.Intn(5000))*time.Microsecond, cancel)
	}
	r, err := http.NewRequestWithContext(ctx, c.method, "http://"+srv.addr+c.path, strings.NewReader(c.body))
	if err != nil {
		t.Error(err)
		return
	}
	response, err := srv.client.Do(r)
	if err == nil {
		_, err = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
	}
	if err == nil && response.StatusCode != c.status || err != nil && !errors.Is(err, context.Canceled) {
		t.Error(fmt.Errorf("%s %s: response %v, error %w", c.method, c.path, response, err))
	}
}
