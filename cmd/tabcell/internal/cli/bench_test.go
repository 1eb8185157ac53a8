package cli

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// TestBenchCommand measures a server whose responses are correct, and one whose later responses
// differ from the first.
func TestBenchCommand(t *testing.T) {
	var goodCount, badCount atomic.Int64
	server := func(count *atomic.Int64, respond func(n int64) string) *httptest.Server {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if user, password, _ := r.BasicAuth(); user != "u" || password != "p:q" {
				w.WriteHeader(http.StatusUnauthorized)
			}
			_, _ = w.Write([]byte(respond(count.Add(1))))
		}))
		t.Cleanup(s.Close)
		return s
	}
	good := server(&goodCount, func(int64) string { return "1" })
	bad := server(&badCount, func(n int64) string { return strings.Repeat("1", int(min(n, 3))) })
	environ := []string{"TABCELL_BENCH_USER=u", "TABCELL_BENCH_PASSWORD=p:q"}
	run := func(args ...string) (int, string, string) {
		var out, errs strings.Builder
		a := &App{Args: append([]string{"tabcell", "bench", "--seconds", "0.05", "--case", "dummy"}, args...), Stdout: &out, Stderr: &errs, Environ: environ}
		return a.Run(), out.String(), errs.String()
	}
	if code, out, errs := run("--connections", "1,3", good.URL+"/"); code != 0 || strings.Count(out, "dummy") != 2 {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
	if goodCount.Load() < 5 {
		t.Errorf("only %d requests", goodCount.Load())
	}
	if code, _, errs := run(bad.URL); code != 1 || !strings.Contains(errs, "differs from the first") {
		t.Errorf("exit %d: %s", code, errs)
	}
	for _, args := range [][]string{{"--case", "dumy", good.URL}, {"--connections", "0", good.URL}, {"localhost:9004"}} {
		if code, _, errs := run(args...); code != 1 || errs == "" {
			t.Errorf("%q: exit %d: %s", args, code, errs)
		}
	}
	environ = nil
	if code, _, errs := run(good.URL); code != 1 || !strings.Contains(errs, "status 401") {
		t.Errorf("without credentials: exit %d: %s", code, errs)
	}
}
