package escape

import (
	"context"
	"net/http"
	goruntime "runtime"
	"sync"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/cmd/tabcell/internal/testenv"
)

// endlessScripts run until they are interrupted.
var endlessScripts = []string{
	"while True: pass",
	"import time\ntime.sleep(1e9)",
	"return sum(range(10**12))",
	"x = []\nwhile True:\n    try:\n        x.append('a' * 10**6)\n    except MemoryError:\n        x.clear()",
	"import re\nreturn re.match(r'(a+)+b', 'a' * 60)",
	"return 9**9**9",
	"while True:\n    print('x' * 1000)",
	"while True:\n    try:\n        while True: pass\n    except BaseException:\n        pass",
}

// TestInfoDuringEndlessScripts checks that /info does not wait for scripts: all its responses come
// while endless scripts occupy every permit and the queue, and each within half a second, scaled.
func TestInfoDuringEndlessScripts(t *testing.T) {
	s := harness.StartPatient(t)
	stop := startEndless(t, s)
	defer stop()
	slowest, limit := time.Duration(0), testenv.Scaled(500*time.Millisecond)
	for range 40 {
		slowest = max(slowest, infoTime(t, s))
		time.Sleep(20 * time.Millisecond)
	}
	t.Logf("slowest of 40 responses: %v", slowest)
	if slowest > limit {
		t.Errorf("GET /info took %v while scripts ran, want at most %v", slowest, limit)
	}
}

// startEndless runs all endless scripts and waits until they occupy every permit. stop cancels
// them; if one of them ended earlier, the test fails.
func startEndless(t *testing.T, s *harness.Server) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var group sync.WaitGroup
	for _, script := range endlessScripts {
		group.Go(func() {
			status, response, err := s.PostContext(ctx, string(harness.ScriptRequest(script, "{}")))
			if ctx.Err() == nil {
				t.Errorf("%s\nended with %d %.200s, %v", script, status, response, err)
			}
		})
	}
	stop = func() { cancel(); group.Wait() }
	permits, engine := min(goruntime.NumCPU(), len(endlessScripts)), harness.Core(t)
	for deadline := time.Now().Add(testenv.Scaled(20 * time.Second)); engine.Stats().Running < permits; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			stop()
			t.Fatalf("%d scripts run, want %d", engine.Stats().Running, permits)
		}
	}
	return stop
}

func infoTime(t *testing.T, s *harness.Server) time.Duration {
	t.Helper()
	begin := time.Now()
	r, err := http.Get(s.URL + "/info")
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	return time.Since(begin)
}
