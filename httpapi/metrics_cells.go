package httpapi

import (
	"bytes"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"
)

// metricsRoutes are there only where metrics are on.
func (a *API) metricsRoutes() []route {
	if a.metrics == nil {
		return nil
	}
	return []route{{"GET", "/metrics", permRead, noPrefix, a.serveMetrics}, {"OPTIONS", "/metrics", permNone, noPrefix, methodNotAllowed}}
}

// tellMetrics answers GET /metrics in Prometheus' text format. GAP: TabPy has none; as health checks they are the same under any prefix.
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

// cells tells what the evaluator counts, when it is asked.
type statsCollector struct{ stats StatsSource }

// figure is a number of the evaluator's and what it means.
type sample struct {
	desc  *prometheus.Desc
	kind  prometheus.ValueType
	value float64
}

var (
	cellsRunning   = desc("cells_running", "Cells that run now.")
	callsWaiting   = desc("calls_waiting", "Calls that wait for a place now.")
	slotsThere     = desc("slots", "Memory slots that exist now.")
	instancesTotal = desc("instances_total", "Instances made: one for each call, each start and each load of a model.")
	pagesTotal     = desc("pages_restored_total", "Pages of 4 KiB put back after calls.")
	copiedTotal    = desc("copied_bytes_total", "Bytes copied into and out of cells.")
	restoringTotal = desc("restoring_seconds_total", "Time spent on closing instances and putting pages back.")
	uncleanTotal   = desc("slots_unclean_total", "Slots thrown away because they could not be made the image again; should stay 0.")
	modelsLoaded   = desc("models_loaded", "Deployed models that are loaded now.")
	modelsBytes    = desc("models_bytes", "Memory of loaded models beside the interpreter's.")
	modelLoads     = desc("model_loads_total", "Times that a model was loaded.")
	modelDrops     = desc("model_drops_total", "Models dropped to stay within their memory.")
)

func desc(name, help string) *prometheus.Desc {
	return prometheus.NewDesc(prometheus.BuildFQName(namespace, "", name), help, nil, nil)
}

func (c statsCollector) samples() []sample {
	s, m := c.stats.Stats(), c.stats.TemplateStats()
	const gauge, counter = prometheus.GaugeValue, prometheus.CounterValue
	return []sample{
		{cellsRunning, gauge, float64(s.Running)},
		{callsWaiting, gauge, float64(s.Waiting)},
		{slotsThere, gauge, float64(s.Slots)},
		{instancesTotal, counter, float64(s.Instances)},
		{pagesTotal, counter, float64(s.Pages)},
		{copiedTotal, counter, float64(s.Copied)},
		{restoringTotal, counter, s.ResetTime.Seconds()},
		{uncleanTotal, counter, float64(s.DiscardedSlots)},
		{modelsLoaded, gauge, float64(m.Count)},
		{modelsBytes, gauge, float64(m.Bytes)},
		{modelLoads, counter, float64(m.Builds)},
		{modelDrops, counter, float64(m.Drops)},
	}
}

// Describe implements prometheus.Collector.
func (c statsCollector) Describe(to chan<- *prometheus.Desc) {
	for _, f := range c.samples() {
		to <- f.desc
	}
}

// Collect implements prometheus.Collector.
func (c statsCollector) Collect(to chan<- prometheus.Metric) {
	for _, f := range c.samples() {
		to <- prometheus.MustNewConstMetric(f.desc, f.kind, f.value)
	}
}
