package httpapi

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// addFlight adds the metrics of the Flight service. It does nothing if the service is off.
func (m *metrics) addFlight(cfg Config, t *tables) {
	if t == nil {
		return
	}
	m.flightCalls = newCounterVec("flight_calls_total", "Calls of the Arrow Flight service, by method and code.", "method", "code")
	m.flightDurations = newHistogramVec("flight_seconds", "Time of calls of the Arrow Flight service, by method.", "method")
	m.registry.MustRegister(m.flightCalls, m.flightDurations,
		newGauge("flight_tables", "Tables that wait to be taken.", func() float64 { count, _ := t.state(); return float64(count) }),
		newGauge("flight_tables_bytes", "Memory of the tables that wait to be taken.", func() float64 { _, bytes := t.state(); return float64(bytes) }),
		newGauge("flight_tables_limit_bytes", "Limit of tabcell_flight_tables_bytes (TABCELL_FLIGHT_TABLES_MB).",
			func() float64 { return float64(cfg.MaxTablesBytes) }))
}

// observeFlight counts a finished call. method is "" if the service has no such method.
func (m *metrics) observeFlight(method string, code FlightCode, took time.Duration) {
	if m == nil || m.flightCalls == nil {
		return
	}
	if method == "" {
		method = unmatchedRoute
	}
	m.flightCalls.With(prometheus.Labels{"method": method, "code": string(code)}).Inc()
	m.flightDurations.WithLabelValues(method).Observe(took.Seconds())
}

// addFlightConnections adds the metric of connections to the Flight service. open returns their
// number.
func (m *metrics) addFlightConnections(open func() int) {
	if m == nil {
		return
	}
	m.registry.MustRegister(newGauge("flight_connections", "Open connections of the Arrow Flight service. Their limits are those of tabcell_connections.",
		func() float64 { return float64(open()) }))
}
