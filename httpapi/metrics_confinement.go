package httpapi

import "github.com/prometheus/client_golang/prometheus"

var confinedDesc = prometheus.NewDesc(prometheus.BuildFQName(namespace, "", "confined"),
	"1 if a protection against code that takes over the process is up (TABCELL_CONFINE).", []string{"part"}, nil)

// confinementCollector collects the state of the confinement.
type confinementCollector struct{ source Confinement }

// addConfinement adds the state of the confinement, if source is not nil.
func (m *metrics) addConfinement(source Confinement) {
	if source != nil {
		m.registry.MustRegister(confinementCollector{source})
	}
}

// Describe implements prometheus.Collector.
func (c confinementCollector) Describe(ch chan<- *prometheus.Desc) { ch <- confinedDesc }

// Collect implements prometheus.Collector.
func (c confinementCollector) Collect(ch chan<- prometheus.Metric) {
	for part, up := range c.source.Confinement() {
		value := 0.0
		if up {
			value = 1
		}
		ch <- prometheus.MustNewConstMetric(confinedDesc, prometheus.GaugeValue, value, part)
	}
}
