package httpapi

import (
	"context"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"tabcell/runtime"
)

// grantObserver returns a function that records uses of grants in the audit trail and the metrics.
// e has the endpoint, if its code has the grants. The function does not refer to the request, which
// may serve another client by then.
func (a *API) grantObserver(ctx context.Context, e AuditEvent) func(runtime.GrantUse) {
	e = eventOf(ctx, e)
	return func(u runtime.GrantUse) {
		a.metrics.observeGrant(u)
		if a.deps.Audit != nil && !isProbe(u) {
			_ = a.store(grantEvent(e, u)) // the trail itself logs a failure
		}
	}
}

// isProbe reports whether a refused attempt is one that libraries make by themselves, to find out
// about the machine. Such attempts are counted, but get no line in the audit trail.
func isProbe(u runtime.GrantUse) bool {
	if u.Kind != runtime.GrantFile || u.Outcome != runtime.GrantDenied {
		return false
	}
	return strings.HasPrefix(u.Target, "/proc/") || strings.HasPrefix(u.Target, "/sys/")
}

// grantEvent adds a use to an event. A use that was refused has no figures, so that repeats are
// equal.
func grantEvent(e AuditEvent, u runtime.GrantUse) AuditEvent {
	e.Kind, e.Outcome = AuditGrant, AuditOK
	e.Grant, e.Target = u.Grant, u.Target
	switch u.Outcome {
	case runtime.GrantOK:
	case runtime.GrantDenied, runtime.GrantLimit:
		e.Outcome, e.Reason = AuditRefused, u.Error
		return e
	default:
		e.Outcome, e.Reason = AuditFailed, u.Error
	}
	e.PeerAddress, e.BytesIn, e.BytesOut, e.Duration = u.Address, u.In, u.Out, u.Duration.Round(time.Millisecond)
	return e
}

// addGrants adds the metrics of grants, if there can be any.
func (m *metrics) addGrants(source Grants) {
	if source == nil {
		return
	}
	m.grantUses = newCounterVec("grant_uses_total", "Connections and files that scripts opened with a grant, and refused or failed attempts.", "grant", "kind", "outcome")
	m.grantBytes = newCounterVec("grant_bytes_total", "Bytes that scripts received (in) and sent (out) with a grant.", "grant", "direction")
	m.grantSeconds = newHistogramVec("grant_seconds", "Time for which scripts held connections and files of a grant.", "grant", "kind")
	m.registry.MustRegister(m.grantUses, m.grantBytes, m.grantSeconds)
}

// noGrant is the label of attempts that no grant permits.
const noGrant = "none"

// observeGrant counts a use of a grant. The names of grants come from the configuration.
func (m *metrics) observeGrant(u runtime.GrantUse) {
	if m == nil || m.grantUses == nil {
		return
	}
	grant := u.Grant
	if grant == "" {
		grant = noGrant
	}
	m.grantUses.With(prometheus.Labels{"grant": grant, "kind": string(u.Kind), "outcome": string(u.Outcome)}).Inc()
	m.grantBytes.WithLabelValues(grant, "in").Add(float64(max(u.In, 0)))
	m.grantBytes.WithLabelValues(grant, "out").Add(float64(max(u.Out, 0)))
	if u.Outcome == runtime.GrantOK {
		m.grantSeconds.WithLabelValues(grant, string(u.Kind)).Observe(u.Duration.Seconds())
	}
}
