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
// the limits of cfg. If a new connection exceeds one, the longest idle connection is closed: of its
// address, or of all. If none is idle, the new one is closed. Proxies that cfg trusts have no limit
// of their own. It fails if the list of proxies is invalid.
func LimitConnections(ctx context.Context, s *http.Server, l net.Listener, cfg Config) (net.Listener, error) {
	cfg = cfg.WithDefaults()
	proxies, err := parseProxies(cfg.TrustedProxies)
	if err != nil {
		return nil, err
	}
	limiter := listener.NewLimiter(l, listener.Limits{
		Total: cfg.MaxConnections, PerAddress: cfg.MaxConnectionsPerAddress, Exempt: proxies.contains, Report: (&connectionLog{ctx: ctx, cfg: cfg}).report,
	})
	s.ConnState = limiter.ConnState
	return limiter, nil
}

// reportInterval is the time between two log lines about the same limit.
const reportInterval = time.Minute

// connectionLog logs that a limit of connections was reached.
type connectionLog struct {
	ctx               context.Context // carries the logger
	cfg               Config
	total, perAddress atomic.Int64 // Unix times of the last lines
}

func (l *connectionLog) report(perAddress, closed bool) {
	last, limit, subject := &l.total, l.cfg.MaxConnections, "the connections reached their limit (TABCELL_MAX_CONNECTIONS)"
	if perAddress {
		last, limit = &l.perAddress, l.cfg.MaxConnectionsPerAddress
		subject = "the connections of one address reached their limit (TABCELL_MAX_CONNECTIONS_PER_ADDRESS)"
	}
	now, then := time.Now().Unix(), last.Load()
	if now-then < int64(reportInterval.Seconds()) || !last.CompareAndSwap(then, now) {
		return
	}
	consequence := "none is idle, so new ones are refused"
	if closed {
		consequence = "the longest idle ones are closed"
	}
	zerolog.Ctx(l.ctx).Warn().Int("limit", limit).Msg(subject + "; " + consequence)
}
