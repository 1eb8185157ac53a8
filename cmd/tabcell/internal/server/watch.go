package server

import (
	"context"
	"fmt"
	"net/http"
	"time"

	svc "tabcell/cmd/tabcell/internal/service"
	"tabcell/runtime"
)

const (
	// answerTime is the time in which the server has to answer its own health check.
	answerTime = 10 * time.Second
	// queueMargin is the time that the queue may stand still in addition to the time limit of a
	// script.
	queueMargin = time.Minute
)

// watch reports to the service manager that the server works, until ctx is done. It does nothing if
// the manager has no watchdog.
func (s *service) watch(ctx context.Context, engine runtime.Evaluator) {
	l := &liveness{handler: s.http.Handler, stats: engine.Stats, limit: s.settings.Evaluate.Timeout.Duration() + queueMargin}
	svc.Watch(ctx, s.manager, l.check, func(err error) {
		s.log.Error().Err(err).Msg("the server is stuck; unless that ends, the service manager will restart it")
	})
}

// liveness finds out whether a server is stuck. A confined server cannot connect to itself, so that
// it asks its handler and not its port.
type liveness struct {
	handler http.Handler
	stats   func() runtime.Stats
	limit   time.Duration // in which a call in the queue gets a cell, or ends

	cells uint64    // at the last check that found progress
	moved time.Time // time of that check
}

// check returns an error if GET /health/live is not answered with 200 in time, or if calls wait in
// the queue and no cell has been started within the limit.
func (l *liveness) check(ctx context.Context) error {
	if err := l.checkQueue(time.Now()); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	status := make(chan int, 1)
	go func() { status <- l.askHandler(ctx) }()
	select {
	case got := <-status:
		if got != http.StatusOK {
			return fmt.Errorf("the health check returned status %d", got)
		}
		return nil
	case <-ctx.Done():
		return fmt.Errorf("the health check was not answered within %v", answerTime)
	}
}

// checkQueue returns an error if the queue stands still.
func (l *liveness) checkQueue(now time.Time) error {
	s := l.stats()
	cells := s.Calls + s.Instances
	if s.Waiting == 0 || cells != l.cells || l.moved.IsZero() {
		l.cells, l.moved = cells, now
		return nil
	}
	if stood := now.Sub(l.moved); stood > l.limit {
		return fmt.Errorf("%d calls wait, and none has got a cell for %v", s.Waiting, stood.Round(time.Second))
	}
	return nil
}

// askHandler sends GET /health/live to the handler and returns the status.
func (l *liveness) askHandler(ctx context.Context) int {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://localhost/health/live", nil)
	if err != nil {
		return 0
	}
	r.RequestURI, r.RemoteAddr = "/health/live", "127.0.0.1:0"
	w := statusWriter{header: http.Header{}}
	l.handler.ServeHTTP(&w, r)
	return w.status
}

// statusWriter is an http.ResponseWriter that keeps only the status.
type statusWriter struct {
	header http.Header
	status int
}

func (w *statusWriter) Header() http.Header         { return w.header }
func (w *statusWriter) Write(b []byte) (int, error) { return len(b), nil }
func (w *statusWriter) WriteHeader(status int)      { w.status = status }
