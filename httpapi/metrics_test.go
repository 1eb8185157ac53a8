package httpapi

import (
	"context"
	"fmt"
	"net/http"
	goruntime "runtime"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"tabcell/runtime"
)

// fakeStats returns a different value for each figure.
type fakeStats struct{}

func (fakeStats) Stats() runtime.Stats {
	return runtime.Stats{Instances: 11, Running: 2, Waiting: 3, Slots: 4, Pages: 55, ResetTime: 1500 * time.Millisecond, Copied: 66, DiscardedSlots: 1}
}

func (fakeStats) TemplateStats() runtime.TemplateStats {
	return runtime.TemplateStats{Count: 5, Bytes: 77, Builds: 8, Drops: 9}
}

func newMetricsServer(t *testing.T) *testServer {
	srv := newTestServer(t, func(c *Config) {
		c.Metrics, c.Subdirectory, c.Build = true, "sub", BuildInfo{Version: "v1.2.3", Revision: "abc", Python: "3.13.1"}
	})
	srv.api.metrics.registry.MustRegister(statsCollector{fakeStats{}})
	return srv
}

// metricsWhen waits until the metric name has the given value and returns all metrics. A request is
// counted only after its response has been sent.
func (srv *testServer) metricsWhen(name, value string) (all map[string]string) {
	srv.t.Helper()
	waitFor(srv.t, name, func() bool {
		all = srv.metrics()
		return all[name] == value
	})
	return all
}

// metrics returns the values of all metrics, by name and labels.
func (srv *testServer) metrics() map[string]string {
	srv.t.Helper()
	got := srv.do("GET", "/metrics", "")
	if got.StatusCode != http.StatusOK || got.Header.Get("Content-Type") != "text/plain; version=0.0.4; charset=utf-8" {
		srv.t.Fatalf("/metrics returned %d %s", got.StatusCode, got.Header.Get("Content-Type"))
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	if _, err := parser.TextToMetricFamilies(strings.NewReader(got.body)); err != nil {
		srv.t.Fatal(err)
	}
	all := map[string]string{}
	for line := range strings.Lines(got.body) {
		if i := strings.LastIndexByte(line, ' '); line[0] != '#' {
			all[line[:i]] = strings.TrimSpace(line[i+1:])
		}
	}
	return all
}

func TestMetrics(t *testing.T) {
	srv := newMetricsServer(t)
	srv.engine.On("slow", func(context.Context, runtime.Call, jsonText) (runtime.Result, error) {
		return runtime.Result{Body: []byte("12"), Timing: runtime.Timing{Queue: 2 * time.Second, Run: time.Second, Parse: 20 * time.Millisecond,
			Serialize: 2 * time.Millisecond, Copy: 2 * time.Microsecond, CopyIn: time.Microsecond}}, nil
	})
	srv.do("POST", "/sub/evaluate", `{"script": "slow", "data": {}}`)
	got := srv.metricsWhen(`tabcell_requests_total{method="POST",route="/evaluate",status="200"}`, "1")
	for name, want := range map[string]string{
		`tabcell_requests_total{method="POST",route="/evaluate",status="200"}`:                                 "1",
		`tabcell_calls_total{outcome="ok",route="/evaluate"}`:                                                  "1",
		`tabcell_calls_total{outcome="timeout",route="/query/:name"}`:                                          "0",
		`tabcell_request_seconds_count{route="/evaluate"}`:                                                     "1",
		`tabcell_phase_seconds_bucket{phase="queue",route="/evaluate",le="1"}`:                                 "0",
		`tabcell_phase_seconds_bucket{phase="queue",route="/evaluate",le="3"}`:                                 "1",
		`tabcell_phase_seconds_sum{phase="parse",route="/evaluate"}`:                                           "0.02",
		`tabcell_phase_seconds_sum{phase="script",route="/evaluate"}`:                                          "0.978",
		`tabcell_phase_seconds_sum{phase="serialise",route="/evaluate"}`:                                       "0.002",
		`tabcell_phase_seconds_sum{phase="copy_in",route="/evaluate"}`:                                         "1e-06",
		`tabcell_phase_seconds_count{phase="copy_out",route="/evaluate"}`:                                      "1",
		`tabcell_phase_seconds_count{phase="reset",route="/evaluate"}`:                                         "1",
		`tabcell_build_info{go="` + goruntime.Version() + `",python="3.13.1",revision="abc",version="v1.2.3"}`: "1",
		"tabcell_cells_running":           "2",
		"tabcell_calls_waiting":           "3",
		"tabcell_slots":                   "4",
		"tabcell_instances_total":         "11",
		"tabcell_pages_restored_total":    "55",
		"tabcell_copied_bytes_total":      "66",
		"tabcell_restoring_seconds_total": "1.5",
		"tabcell_slots_unclean_total":     "1",
		"tabcell_models_loaded":           "5",
		"tabcell_models_bytes":            "77",
		"tabcell_model_loads_total":       "8",
		"tabcell_model_drops_total":       "9",
	} {
		if got[name] != want {
			t.Errorf("%s: %q, want %q", name, got[name], want)
		}
	}
	if got["go_goroutines"] == "" || got["tabcell_fuel_total{route=\"/evaluate\"}"] == "" {
		t.Error("go_goroutines or tabcell_fuel_total is missing")
	}
}

// The metrics of limits follow the configuration, the budget and the readiness.
func TestLimitMetrics(t *testing.T) {
	expiry := time.Unix(2000000000, 0)
	srv := newTestServer(t, func(c *Config) {
		c.Metrics, c.MaxBufferedBytes, c.Concurrency, c.Queue, c.AvailableMemory = true, 8<<20, 3, 5, 1<<30
		c.CertificateExpiry = func() time.Time { return expiry }
	})
	lease := &lease{budget: srv.api.budget, owner: "x"}
	if err := lease.reserve(300 << 10); err != nil {
		t.Fatal(err)
	}
	got := srv.metrics()
	for name, want := range map[string]string{
		`tabcell_buffer_bytes{pool="large"}`:       "307200",
		`tabcell_buffer_bytes{pool="small"}`:       "0",
		`tabcell_buffer_limit_bytes{pool="large"}`: "7.340032e+06",
		`tabcell_buffer_limit_bytes{pool="small"}`: "1.048576e+06",
		"tabcell_ready":                      "1",
		"tabcell_cells_limit":                "3",
		"tabcell_queue_limit":                "5",
		"tabcell_memory_available_bytes":     "1.073741824e+09",
		"tabcell_certificate_expiry_seconds": "2e+09",
	} {
		if got[name] != want {
			t.Errorf("%s: %q, want %q", name, got[name], want)
		}
	}
	lease.release(300 << 10)
	if got := srv.metrics()[`tabcell_buffer_bytes{pool="large"}`]; got != "0" {
		t.Errorf("after the release, %s bytes are in use", got)
	}
}

// The number of metrics is bounded, and no label contains text from a client.
func TestMetricsLabelsAreBounded(t *testing.T) {
	srv := newMetricsServer(t)
	sendUnusual := func(n int) {
		mark := fmt.Sprintf("zebra%d", n)
		srv.do("GET", "/sub/"+mark, "")
		srv.do("ZEBRA", "/sub/info", "")
		srv.do("POST", "/sub/query/"+mark, `{"data": 1}`)
		srv.do("GET", "/sub/endpoints/"+mark, "", "TabPy-Client", mark, "Host", mark)
		srv.do("POST", "/sub/evaluate", `{"script": "`+mark+`", "data": {}}`)
		srv.do("POST", "/sub/evaluate", mark)
	}
	const last = `tabcell_requests_total{method="POST",route="/evaluate",status="500"}`
	sendUnusual(0)
	before := srv.metricsWhen(last, "2")
	for n := range 50 {
		sendUnusual(n)
	}
	after := srv.metricsWhen(last, "102")
	for name := range after {
		if strings.Contains(strings.ToLower(name), "zebra") {
			t.Errorf("the metric %s contains text from a client", name)
		}
		if _, ok := before[name]; !ok && strings.HasPrefix(name, "tabcell_") && !strings.Contains(name, `route="/metrics"`) {
			t.Errorf("further requests of the same kinds added the metric %s", name)
		}
	}
	if n := after[`tabcell_requests_total{method="none",route="none",status="405"}`]; n != "51" {
		t.Errorf("%s requests with an unknown method, want 51", n)
	}
}

func TestMetricsOffByDefault(t *testing.T) {
	srv := newTestServer(t, nil)
	srv.do("GET", "/metrics", "").want(t, 404, pageText(404))
	srv.script("return 1")
}

// The metrics require credentials and the role metrics.
func TestMetricsPermission(t *testing.T) {
	srv := newMetricsServer(t)
	if got := srv.do("GET", "/metrics", "", "Authorization", "Basic dXNlcjE6UEBzc3cwcmQ="); got.StatusCode != 406 {
		t.Errorf("credentials without authentication: status %d, want 406", got.StatusCode)
	}
	for _, r := range srv.api.routes() {
		if r.path == "/metrics" && r.method == "GET" && r.permission != permMetrics {
			t.Errorf("permission %d, want %d", r.permission, permMetrics)
		}
	}
	if got := srv.do("OPTIONS", "/metrics", ""); got.StatusCode != 405 {
		t.Errorf("OPTIONS: status %d, want 405", got.StatusCode)
	}
}

func TestOutcomes(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range []struct {
		err    error
		status int
		want   string
	}{
		{nil, 200, "ok"},
		{context.Canceled, statusClientGone, "gone"},
		{runtime.ErrTimeout, 408, "timeout"},
		{&runtime.ScriptError{Kind: runtime.KindTimeout}, 408, "timeout"},
		{&runtime.ScriptError{Kind: runtime.KindScript}, 500, "script_error"},
		{&queryFailedError{cause: &runtime.ScriptError{Kind: runtime.KindQuery}}, 500, "script_error"},
		{&queryFailedError{cause: &runtime.ModelError{}}, 500, "model_error"},
		{&runtime.ScriptError{Kind: runtime.KindEmpty}, 400, "refused"},
		{&queryBodyError{}, 400, "refused"},
		{runtime.ErrMemory, 500, "memory"},
		{runtime.ErrOutput, 500, "output"},
		{&runtime.BusyError{}, 503, "busy"},
		{&runtime.PreparingError{}, 503, "preparing"},
		{errBudgetExceeded, 503, "busy"},
		{fmt.Errorf("%w: trap", runtime.ErrCrash), 500, "crash"},
		{runtime.ErrClosed, 503, "closed"},
		{&UnauthorizedError{}, 401, "refused"},
		{errHandlerPanic, 500, "failed"},
	} {
		if got := outcomeOf(c.err, c.status); got != c.want {
			t.Errorf("outcome of %v, status %d: %s, want %s", c.err, c.status, got, c.want)
		}
		seen[c.want] = true
	}
	for _, o := range outcomes {
		if !seen[o] {
			t.Errorf("no case has the outcome %s", o)
		}
	}
}

// lastCellLine returns the last log line about a cell.
func (srv *testServer) lastCellLine() (last map[string]any) {
	for _, line := range srv.logLines() {
		if line["message"] == "cell" {
			last = line
		}
	}
	return last
}

func TestTraceLine(t *testing.T) {
	srv := newTestServer(t, nil)
	srv.engine.On("slow", func(context.Context, runtime.Call, jsonText) (runtime.Result, error) {
		return runtime.Result{Body: []byte("12"), Timing: runtime.Timing{Queue: time.Millisecond, Cell: 2 * time.Millisecond, Run: 30 * time.Millisecond,
			Parse: 4 * time.Millisecond, Serialize: 5 * time.Millisecond, Copy: 13 * time.Millisecond, CopyIn: 6 * time.Millisecond}}, nil
	})
	got := srv.script("slow")
	line := srv.lastCellLine()
	for key, want := range map[string]any{"level": "debug", "queue": 1.0, "cell": 2.0, "copy_in": 6.0, "parse": 4.0, "script": 21.0, "serialise": 5.0,
		"copy_out": 7.0, "reset": 0.0, "pages": 0.0, "out": 2.0, "route": "/evaluate", "call": got.Header.Get("X-Request-Id")} {
		if line[key] != want {
			t.Errorf("%s: %v, want %v", key, line[key], want)
		}
	}
	srv.script("return 1")
	if line := srv.lastCellLine(); line["parse"] != nil || line["serialise"] != nil {
		t.Errorf("line %v has phases that the guest did not report", line)
	}
}
