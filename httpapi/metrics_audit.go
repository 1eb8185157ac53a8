package httpapi

import "github.com/prometheus/client_golang/prometheus"

// auditCollector collects the figures of the audit trail.
type auditCollector struct{ stats AuditStatsSource }

var (
	auditLinesDesc   = newDesc("audit_lines_total", "Lines of the audit trail, including those before this start.")
	auditLostDesc    = newDesc("audit_lost_total", "Events that could not be written to the audit trail since the start; should stay 0.")
	auditFailingDesc = newDesc("audit_failing", "1 while the audit trail cannot be written and endpoints cannot be changed, otherwise 0.")
)

// Describe implements prometheus.Collector.
func (auditCollector) Describe(ch chan<- *prometheus.Desc) {
	ch <- auditLinesDesc
	ch <- auditLostDesc
	ch <- auditFailingDesc
}

// Collect implements prometheus.Collector.
func (c auditCollector) Collect(ch chan<- prometheus.Metric) {
	s, failing := c.stats.Stats(), 0.0
	if s.Failing != "" {
		failing = 1
	}
	ch <- prometheus.MustNewConstMetric(auditLinesDesc, prometheus.CounterValue, float64(s.Lines))
	ch <- prometheus.MustNewConstMetric(auditLostDesc, prometheus.CounterValue, float64(s.Lost))
	ch <- prometheus.MustNewConstMetric(auditFailingDesc, prometheus.GaugeValue, failing)
}
