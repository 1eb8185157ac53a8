package httpapi

import (
	"context"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"tabcell/httpapi/internal/listener"
)

// LimitConnections returns a listener for Serve that keeps the number of connections to s within
// the limits of the configuration, and shows them in the metrics. If a new connection exceeds a
// limit, the longest idle connection is closed: of its address, or of all. If none is idle, the
// new one is closed. Trusted proxies have no limit of their own. An HTTP/2 connection whose client
// resets too many requests is closed.
func (a *API) LimitConnections(ctx context.Context, s *http.Server, l net.Listener) net.Listener {
	limiter := a.limit(ctx, s, l)
	a.metrics.addConnections(limiter.Open, a.cfg)
	return limiter
}

// LimitFlightConnections is LimitConnections for the server of the Flight service. Its connections
// have the same limits, and are counted apart from the others.
func (a *API) LimitFlightConnections(ctx context.Context, s *http.Server, l net.Listener) net.Listener {
	limiter := a.limit(ctx, s, l)
	a.metrics.addFlightConnections(limiter.Open)
	return limiter
}

func (a *API) limit(ctx context.Context, s *http.Server, l net.Listener) *listener.Limiter {
	events := &connectionLog{ctx: ctx, cfg: a.cfg, metrics: a.metrics}
	limiter := listener.NewLimiter(l, listener.Limits{
		Total: a.cfg.MaxConnections, PerAddress: a.cfg.MaxConnectionsPerAddress, Exempt: a.proxies.contains, Report: events.report,
	})
	s.ConnState = limiter.ConnState
	listener.LimitResets(s, events.reportResets)
	return limiter
}

// reportInterval is the time between two log lines about the same limit.
const reportInterval = time.Minute

// connectionLog logs and counts that a limit of connections was reached.
type connectionLog struct {
	ctx     context.Context // carries the logger
	cfg     Config
	metrics *metrics
	// Unix times of the last lines
	total, perAddress, resets atomic.Int64
}

func (l *connectionLog) report(perAddress, closed bool) {
	l.metrics.observeConnection(perAddress, closed)
	last, limit, subject := &l.total, l.cfg.MaxConnections, "the connections reached their limit (TABCELL_MAX_CONNECTIONS)"
	if perAddress {
		last, limit = &l.perAddress, l.cfg.MaxConnectionsPerAddress
		subject = "the connections of one address reached their limit (TABCELL_MAX_CONNECTIONS_PER_ADDRESS)"
	}
	if !isDue(last) {
		return
	}
	consequence := "none is idle, so new ones are refused"
	if closed {
		consequence = "the longest idle ones are closed"
	}
	zerolog.Ctx(l.ctx).Warn().Int("limit", limit).Msg(subject + "; " + consequence)
}

// reportResets reports a connection that was closed because its client reset too many requests.
func (l *connectionLog) reportResets() {
	l.metrics.observeResets()
	if isDue(&l.resets) {
		zerolog.Ctx(l.ctx).Warn().Msg("a client opened HTTP/2 streams only to reset them, and its connection was closed")
	}
}

// isDue reports whether the time has come for the next line, and then sets the time of the last one.
func isDue(last *atomic.Int64) bool {
	now, then := time.Now().Unix(), last.Load()
	return now-then >= int64(reportInterval.Seconds()) && last.CompareAndSwap(then, now)
}
