package httpapi

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	goruntime "runtime"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/common/expfmt"

	"tabcell/runtime"
)

// metrics holds the metrics of GET /metrics. Each label has few values: the routes and methods of
// the route table, statuses, phases and outcomes. No label contains a client's text. The methods of
// a nil *metrics do nothing.
type metrics struct {
	registry    *prometheus.Registry
	requests    *prometheus.CounterVec   // route, method, status
	durations   *prometheus.HistogramVec // route
	calls       *prometheus.CounterVec   // route, outcome
	phases      *prometheus.HistogramVec // route, phase
	fuel        *prometheus.CounterVec   // route
	connections *prometheus.CounterVec   // limit, action

	grantUses    *prometheus.CounterVec   // grant, kind, outcome; nil if there are no grants
	grantBytes   *prometheus.CounterVec   // grant, direction
	grantSeconds *prometheus.HistogramVec // grant, kind

	flightCalls     *prometheus.CounterVec   // method, code; nil if the Flight service is off
	flightDurations *prometheus.HistogramVec // method
}

// cellRoutes lists the routes that run scripts or models.
var cellRoutes = []string{"/evaluate", "/query/:name"}

// unmatchedRoute is the label for the route and the method of requests that match no route.
const unmatchedRoute = "none"

// durationBuckets are the bounds of the histograms in seconds, from the phases of the smallest
// script to the longest usual time limit of TabPy.
var durationBuckets = []float64{10e-6, 30e-6, 100e-6, 300e-6, 1e-3, 3e-3, 10e-3, 30e-3, 0.1, 0.3, 1, 3, 10, 30, 100}

func newMetrics(cfg Config, stats StatsSource) *metrics {
	m := &metrics{
		registry:  prometheus.NewRegistry(),
		requests:  newCounterVec("requests_total", "Requests, by route, method and status.", "route", "method", "status"),
		durations: newHistogramVec("request_seconds", "Time from the head of a request to the end of its response.", "route"),
		calls:     newCounterVec("calls_total", "Scripts and queries, by outcome.", "route", "outcome"),
		phases:    newHistogramVec("phase_seconds", "Time of scripts and queries, by phase of the cell.", "route", "phase"),
		fuel:      newCounterVec("fuel_total", "Loop headers and function entries that guests executed: their work, independent of the machine.", "route"),
		connections: newCounterVec("connections_exceeded_total", "Connections beyond a limit: new ones for which an idle one was closed or which were refused, and those of HTTP/2 with too many resets.",
			"limit", "action"),
	}
	for _, limit := range limitNames {
		for _, action := range connectionActions {
			m.connections.WithLabelValues(limit, action)
		}
	}
	m.connections.WithLabelValues("resets", "closed")
	for _, route := range cellRoutes { // rate() needs the value 0 before the first call
		for _, outcome := range outcomes {
			m.calls.WithLabelValues(route, outcome)
		}
	}
	m.registry.MustRegister(m.requests, m.durations, m.calls, m.phases, m.fuel, m.connections, buildInfo(cfg.Build),
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	if stats != nil {
		m.registry.MustRegister(statsCollector{stats})
	}
	return m
}

// metricsRoutes returns the routes for the metrics, or nil if metrics are off.
func (a *API) metricsRoutes() []route {
	if a.metrics == nil {
		return nil
	}
	return []route{{"GET", "/metrics", permMetrics, noPrefix, a.serveMetrics}, {"OPTIONS", "/metrics", permNone, noPrefix, methodNotAllowed}}
}

// serveMetrics handles GET /metrics. It returns the metrics in Prometheus' text format.
//
// GAP: TabPy has no metrics. As with the health checks, the path does not depend on the
// subdirectory.
func (a *API) serveMetrics(*request) (response, error) {
	families, err := a.metrics.registry.Gather()
	if err != nil {
		return response{}, err
	}
	var text bytes.Buffer
	format := expfmt.NewFormat(expfmt.TypeTextPlain)
	encoder := expfmt.NewEncoder(&text, format)
	for _, family := range families {
		if err := encoder.Encode(family); err != nil {
			return response{}, err
		}
	}
	return response{http.StatusOK, string(format), text.Bytes()}, nil
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
		Namespace: namespace, Name: "build_info", Help: "Always 1; the labels describe the build.",
		ConstLabels: prometheus.Labels{"version": b.Version, "revision": b.Revision, "python": b.Python, "go": goruntime.Version()},
	}, func() float64 { return 1 })
}

// observeRequest records a finished request.
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

// observeCell records the phases and the fuel of a cell.
func (m *metrics) observeCell(route string, trace runtime.Trace) {
	if m == nil {
		return
	}
	for _, p := range phasesOf(trace) {
		m.phases.WithLabelValues(route, p.name).Observe(p.took.Seconds())
	}
	m.fuel.WithLabelValues(route).Add(float64(trace.Fuel))
}

// outcomes lists the ways in which a call can end. "refused" means that it did not reach a cell,
// because its body, its name or its sender was invalid.
var outcomes = []string{"ok", "script_error", "model_error", "timeout", "memory", "output", "busy", "preparing", "crash", "closed", "gone", "refused", "failed"}

// outcomeErrors maps errors to outcomes.
var outcomeErrors = []struct {
	err     error
	outcome string
}{
	{runtime.ErrMemory, "memory"},
	{runtime.ErrOutput, "output"},
	{errTableTooLarge, "output"},
	{runtime.ErrBusy, "busy"},
	{runtime.ErrPreparing, "preparing"},
	{errBudgetExceeded, "busy"},
	{runtime.ErrCrash, "crash"},
	{runtime.ErrClosed, "closed"},
}

// outcomeOf returns the outcome of a call.
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
	for _, o := range outcomeErrors {
		if errors.Is(err, o.err) {
			return o.outcome
		}
	}
	if status >= 500 {
		return "failed"
	}
	return "refused"
}
