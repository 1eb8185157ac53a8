package httpapi

import (
	"context"
	"errors"
	goruntime "runtime"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"tabcell/runtime"
)

// metrics are what GET /metrics tells. Labels have few values: routes and methods of the table, statuses, phases and outcomes that are named
// here. Nothing that a client chooses becomes one. A nil *metrics takes notes of nothing.
type metrics struct {
	registry  *prometheus.Registry
	requests  *prometheus.CounterVec   // route, method, status
	durations *prometheus.HistogramVec // route
	calls     *prometheus.CounterVec   // route, outcome
	phases    *prometheus.HistogramVec // route, phase
	fuel      *prometheus.CounterVec   // route
}

// The routes that run what clients send or deployed.
var cellRoutes = []string{"/evaluate", "/query/:name"}

// unmatched is the route, and the method, of requests that no line of the table matches: its label must not be theirs.
const unmatchedRoute = "none"

// seconds are the bounds of histograms: from what a phase of the smallest script takes to TabPy's longest usual time limit.
var durationBuckets = []float64{10e-6, 30e-6, 100e-6, 300e-6, 1e-3, 3e-3, 10e-3, 30e-3, 0.1, 0.3, 1, 3, 10, 30, 100}

func newMetrics(cfg Config, stats StatsSource) *metrics {
	m := &metrics{
		registry:  prometheus.NewRegistry(),
		requests:  newCounterVec("requests_total", "Requests that were answered.", "route", "method", "status"),
		durations: newHistogramVec("request_seconds", "From a request's head to the end of its answer.", "route"),
		calls:     newCounterVec("calls_total", "Scripts and queries, by how they ended.", "route", "outcome"),
		phases:    newHistogramVec("phase_seconds", "Where the time of scripts and queries goes, cell by cell.", "route", "phase"),
		fuel:      newCounterVec("fuel_total", "Loop headers and function entries that guests passed: their work, whatever the machine.", "route"),
	}
	for _, route := range cellRoutes { // rates need a zero to begin with
		for _, outcome := range outcomes {
			m.calls.WithLabelValues(route, outcome)
		}
	}
	m.registry.MustRegister(m.requests, m.durations, m.calls, m.phases, m.fuel, buildInfo(cfg.Build),
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	if stats != nil {
		m.registry.MustRegister(statsCollector{stats})
	}
	return m
}

const namespace = "tabcell"

func newCounterVec(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, labels)
}

func newHistogramVec(name, help string, labels ...string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: namespace, Name: name, Help: help, Buckets: durationBuckets}, labels)
}

func buildInfo(b BuildInfo) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Namespace: namespace, Name: "build_info", Help: "Always 1: which build this is.",
		ConstLabels: prometheus.Labels{"version": b.Version, "revision": b.Revision, "python": b.Python, "go": goruntime.Version()},
	}, func() float64 { return 1 })
}

// request notes how a request ended.
func (m *metrics) observeRequest(req *request) {
	if m == nil {
		return
	}
	status := req.status()
	route, method := unmatchedRoute, unmatchedRoute
	if req.route != "" {
		route, method = req.route, req.Request().Method
	}
	m.requests.WithLabelValues(route, method, strconv.Itoa(status)).Inc()
	m.durations.WithLabelValues(route).Observe(time.Since(req.started).Seconds())
	for _, r := range cellRoutes {
		if route == r && method != "OPTIONS" {
			m.calls.WithLabelValues(route, outcomeOf(req.err, status)).Inc()
		}
	}
}

// cell notes what became known of one cell.
func (m *metrics) observeCell(route string, trace runtime.Trace) {
	if m == nil {
		return
	}
	for _, p := range phasesOf(trace) {
		m.phases.WithLabelValues(route, p.name).Observe(p.took.Seconds())
	}
	m.fuel.WithLabelValues(route).Add(float64(trace.Fuel))
}

// outcomes are the ways in which a call can end.
var outcomes = []string{"ok", "script_error", "model_error", "timeout", "memory", "output", "busy", "crash", "closed", "gone", "refused", "failed"}

// outcomeOf tells them apart. "refused" never came to a cell: its body, its name or its sender was wrong.
func outcomeOf(err error, status int) string {
	script, raised := errors.AsType[*runtime.ScriptError](err)
	_, unloadable := errors.AsType[*runtime.ModelError](err)
	switch {
	case status == statusClientGone:
		return "gone"
	case err == nil:
		return "ok"
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case raised && (script.Kind == runtime.KindScript || script.Kind == runtime.KindNoResponse || script.Kind == runtime.KindQuery):
		return "script_error"
	case unloadable:
		return "model_error"
	}
	for _, o := range []struct {
		is   error
		name string
	}{{runtime.ErrMemory, "memory"}, {runtime.ErrOutput, "output"}, {runtime.ErrBusy, "busy"}, {errBudgetExceeded, "busy"}, {runtime.ErrCrash, "crash"}, {runtime.ErrClosed, "closed"}} {
		if errors.Is(err, o.is) {
			return o.name
		}
	}
	if status >= 500 {
		return "failed"
	}
	return "refused"
}
