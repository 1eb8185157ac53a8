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

// TestHammer lets many clients send everything at once, half of them leaving early; then nothing
// may be left behind.
func TestConcurrentRequests(t *testing.T) {
	before := goleak.IgnoreCurrent()
	t.Run("clients", func(t *testing.T) {
		b := newTestServer(t, func(c *Config) { c.MaxRequestBytes = 1 << 20 })
		echoLength(b, "len")
		b.engine.On("wait", runtimetest.Blocks(nil))
		b.engine.On("busy", runtimetest.Fails(&runtime.BusyError{RetryAfter: time.Second}))
		b.engine.On("panic", func(context.Context, runtime.Call, jsonText) (runtime.Result, error) { panic("boom") })
		var clients sync.WaitGroup
		release := make(chan struct{})
		for n := range 32 {
			clients.Go(func() {
				<-release
				for i := range 40 {
					hammer(t, b, rand.New(rand.NewSource(int64(100*n+i))))
				}
			})
		}
		close(release)
		clients.Wait()
		waitFor(t, "all scripts end", func() bool { return b.engine.Running() == 0 })
		waitFor(t, "nothing is counted", func() bool { return b.api.budget.used.Load() == 0 })
		b.script("return 1").want(t, 200, "1")
	})
	goleak.VerifyNone(t, before, ignoreClosing)
}

// shots are requests and the statuses that they may get; 0 is a request that its client gives up.
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

func hammer(t *testing.T, b *testServer, random *rand.Rand) {
	shot := hammerRequests[random.Intn(len(hammerRequests))]
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if shot.status == 0 || random.Intn(4) == 0 {
		time.AfterFunc(time.Duration(random.Intn(5000))*time.Microsecond, cancel)
	}
	r, err := http.NewRequestWithContext(ctx, shot.method, "http://"+b.addr+shot.path, strings.NewReader(shot.body))
	if err != nil {
		t.Error(err)
		return
	}
	response, err := b.client.Do(r)
	if err == nil {
		_, err = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
	}
	if err == nil && response.StatusCode != shot.status || err != nil && !errors.Is(err, context.Canceled) {
		t.Error(fmt.Errorf("%s %s: %v, error %w", shot.method, shot.path, response, err))
	}
}
