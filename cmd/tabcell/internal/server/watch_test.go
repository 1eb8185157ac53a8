package server

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tabcell/httpapi"
	"tabcell/runtime"
	"tabcell/runtime/runtimetest"
)

// TestLiveness checks which servers are stuck: those that do not answer, and those whose queue does
// not move although calls wait.
func TestLiveness(t *testing.T) {
	works := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	hangs := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	fails := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	idle := func(int) runtime.Stats { return runtime.Stats{Calls: 5} }
	busy := func(n int) runtime.Stats { return runtime.Stats{Calls: uint64(n), Waiting: 3} }
	loading := func(n int) runtime.Stats { return runtime.Stats{Instances: uint64(n), Waiting: 3} }
	stuck := func(int) runtime.Stats { return runtime.Stats{Calls: 5, Waiting: 3} }
	for name, c := range map[string]struct {
		handler http.Handler
		stats   func(check int) runtime.Stats
		want    string
	}{
		"idle":           {works, idle, ""},
		"busy":           {works, busy, ""},
		"loads models":   {works, loading, ""},
		"queue is stuck": {works, stuck, "3 calls wait, and none has got a cell for 1m40s"},
		"hangs":          {hangs, idle, "not answered within 10s"},
		"fails":          {fails, idle, "status 500"},
	} {
		synctest.Test(t, func(t *testing.T) {
			checks := 0
			l := &liveness{handler: c.handler, limit: 90 * time.Second, stats: func() runtime.Stats { return c.stats(checks) }}
			var err error
			for ; err == nil && checks < 20; checks++ {
				err = l.check(context.Background())
				time.Sleep(20 * time.Second)
			}
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("%s: after %d checks: %v, want %q", name, checks, err, c.want)
			}
		})
	}
}

// TestLivenessOfHandler checks the request that is sent to the real handler, also of a server that
// accepts no host name but its own.
func TestLivenessOfHandler(t *testing.T) {
	cfg := httpapi.DefaultConfig()
	cfg.AllowedHosts = []string{"localhost"}
	api, err := httpapi.New(cfg, httpapi.Deps{Evaluator: runtimetest.NewFakeEngine()})
	if err != nil {
		t.Fatal(err)
	}
	l := &liveness{handler: api, stats: func() runtime.Stats { return runtime.Stats{} }}
	if err := l.check(t.Context()); err != nil {
		t.Error(err)
	}
}
