package httpapi

import "github.com/prometheus/client_golang/prometheus"

// Metrics of limits have a gauge for what is used and one for the limit, so that a rule can
// compare them whatever the configuration is.

// limitCollector collects the use of the memory for bodies, and whether scripts can run.
type limitCollector struct {
	budget    *budget
	readiness Readiness // if nil, the server is always ready
}

var (
	bufferDesc = prometheus.NewDesc(prometheus.BuildFQName(namespace, "", "buffer_bytes"),
		"Memory of the bodies of requests and responses, by pool: small requests have a reserve.", []string{"pool"}, nil)
	bufferLimitDesc = prometheus.NewDesc(prometheus.BuildFQName(namespace, "", "buffer_limit_bytes"),
		"Limit of tabcell_buffer_bytes (TABCELL_BUFFER_MB).", []string{"pool"}, nil)
	readyDesc = newDesc("ready", "1 if scripts can run, otherwise 0.")
)

// Describe implements prometheus.Collector.
func (limitCollector) Describe(ch chan<- *prometheus.Desc) {
	ch <- bufferDesc
	ch <- bufferLimitDesc
	ch <- readyDesc
}

// Collect implements prometheus.Collector.
func (c limitCollector) Collect(ch chan<- prometheus.Metric) {
	gauge := func(desc *prometheus.Desc, value float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
	}
	small, large := c.budget.state()
	gauge(bufferDesc, float64(small.used), "small")
	gauge(bufferDesc, float64(large.used), "large")
	gauge(bufferLimitDesc, float64(small.limit), "small")
	gauge(bufferLimitDesc, float64(large.limit), "large")
	ready := 1.0
	if c.readiness != nil && c.readiness.Ready() != nil {
		ready = 0
	}
	gauge(readyDesc, ready)
}

// addLimits adds the metrics of the configured limits.
func (m *metrics) addLimits(cfg Config, b *budget, r Readiness) {
	m.registry.MustRegister(limitCollector{b, r},
		newGauge("cells_limit", "Cells that may run at once (TABCELL_CONCURRENCY).", func() float64 { return float64(cfg.Concurrency) }),
		newGauge("grant_connections_limit", "Limit of tabcell_grant_connections (TABCELL_GRANT_CONNECTIONS).", func() float64 { return float64(cfg.GrantConnections) }),
		newGauge("queue_limit", "Calls that may wait for a permit (TABCELL_QUEUE).", func() float64 { return float64(cfg.Queue) }),
		newGauge("memory_available_bytes", "Memory of the host, or of the control group of the server; 0 if it is unknown.",
			func() float64 { return float64(cfg.AvailableMemory) }))
	if cfg.CertificateExpiry != nil {
		m.registry.MustRegister(newGauge("certificate_expiry_seconds", "Time at which the server's certificate expires, in seconds since 1970.",
			func() float64 { return float64(cfg.CertificateExpiry().Unix()) }))
	}
}

// addConnections adds the metrics of connections. open returns the number of open ones.
func (m *metrics) addConnections(open func() int, cfg Config) {
	if m == nil {
		return
	}
	m.registry.MustRegister(
		newGauge("connections", "Open connections.", func() float64 { return float64(open()) }),
		newGauge("connections_limit", "Connections that may be open (TABCELL_MAX_CONNECTIONS).", func() float64 { return float64(cfg.MaxConnections) }),
		newGauge("connections_per_address_limit", "Connections of one address that may be open (TABCELL_MAX_CONNECTIONS_PER_ADDRESS).",
			func() float64 { return float64(cfg.MaxConnectionsPerAddress) }))
}

// observeConnection counts a new connection that exceeded a limit: the one of its address, or
// that of all. Either an idle connection was closed for it, or the new one was refused.
func (m *metrics) observeConnection(perAddress, closed bool) {
	if m == nil {
		return
	}
	m.connections.WithLabelValues(limitNames[perAddress], connectionActions[closed]).Inc()
}

// observeResets counts an HTTP/2 connection that was closed because its client reset too many
// requests.
func (m *metrics) observeResets() {
	if m != nil {
		m.connections.WithLabelValues("resets", "closed").Inc()
	}
}

var (
	limitNames        = map[bool]string{true: "address", false: "total"}
	connectionActions = map[bool]string{true: "closed_idle", false: "refused"}
)

func newGauge(name, help string, value func() float64) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: namespace, Name: name, Help: help}, value)
}
