package httpapi

import (
	"github.com/prometheus/client_golang/prometheus"

	"tabcell/runtime"
)

// statsCollector collects the figures of the evaluator.
type statsCollector struct{ stats StatsSource }

// sample is a figure of the evaluator, with its description and type.
type sample struct {
	desc  *prometheus.Desc
	kind  prometheus.ValueType
	value float64
}

var (
	runningDesc    = newDesc("cells_running", "Cells that are running.")
	waitingDesc    = newDesc("calls_waiting", "Calls that wait for a permit to run.")
	suspendedDesc  = newDesc("cells_suspended", "Cells that wait for the network without a permit, beside those that run.")
	connectedDesc  = newDesc("grant_connections", "Connections that scripts with a grant have open.")
	slotsDesc      = newDesc("slots", "Memory slots that exist.")
	instancesDesc  = newDesc("instances_total", "Guest instances created: one for each call, each start and each load of a model.")
	pagesDesc      = newDesc("pages_restored_total", "Memory pages of 4 KiB that were reset after calls.")
	copiedDesc     = newDesc("copied_bytes_total", "Bytes copied into and out of cells.")
	resettingDesc  = newDesc("restoring_seconds_total", "Time spent closing instances and resetting pages.")
	uncleanDesc    = newDesc("slots_unclean_total", "Slots discarded because they could not be reset to the image; should stay 0.")
	modelsDesc     = newDesc("models_loaded", "Deployed models that are loaded.")
	modelBytesDesc = newDesc("models_bytes", "Memory of loaded models and of libraries that are kept imported, without the interpreter.")
	modelLoadsDesc = newDesc("model_loads_total", "Loads of models.")
	modelDropsDesc = newDesc("model_drops_total", "Models dropped to stay within their memory limit or the number of memory mappings.")
	mappingsDesc   = newDesc("memory_mappings", "Memory mappings of images and slots.")
	mapLimitDesc   = newDesc("memory_mappings_limit", "Memory mappings that the system allows the process (vm.max_map_count); loaded models use at most half of them.")
)

func newDesc(name, help string) *prometheus.Desc {
	return prometheus.NewDesc(prometheus.BuildFQName(namespace, "", name), help, nil, nil)
}

func (c statsCollector) samples() []sample {
	s, m := c.stats.Stats(), c.stats.TemplateStats()
	const gauge, counter = prometheus.GaugeValue, prometheus.CounterValue
	return []sample{
		{runningDesc, gauge, float64(s.Running)},
		{waitingDesc, gauge, float64(s.Waiting)},
		{suspendedDesc, gauge, float64(s.Suspended)},
		{connectedDesc, gauge, float64(s.Connections)},
		{slotsDesc, gauge, float64(s.Slots)},
		{instancesDesc, counter, float64(s.Instances)},
		{pagesDesc, counter, float64(s.Pages)},
		{copiedDesc, counter, float64(s.Copied)},
		{resettingDesc, counter, s.ResetTime.Seconds()},
		{uncleanDesc, counter, float64(s.DiscardedSlots)},
		{modelsDesc, gauge, float64(m.Count)},
		{modelBytesDesc, gauge, float64(m.Bytes)},
		{modelLoadsDesc, counter, float64(m.Builds)},
		{modelDropsDesc, counter, float64(m.Drops)},
		{mappingsDesc, gauge, float64(m.Mappings)},
		{mapLimitDesc, gauge, float64(runtime.MappingLimit())},
	}
}

// Describe implements prometheus.Collector.
func (c statsCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, s := range c.samples() {
		ch <- s.desc
	}
}

// Collect implements prometheus.Collector.
func (c statsCollector) Collect(ch chan<- prometheus.Metric) {
	for _, s := range c.samples() {
		ch <- prometheus.MustNewConstMetric(s.desc, s.kind, s.value)
	}
}
