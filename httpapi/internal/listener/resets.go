package listener

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"
)

// The limits of the HTTP/2 streams that a client resets before it has the response: so many at once
// for each connection, and then so many in a second. A client that gives up requests stays below:
// at most, it gives up the 100 calls of one connection to the Flight service at once.
const (
	resetBurst     = 128
	resetPerSecond = 10
)

// LimitResets makes the server close the HTTP/2 connections of clients that open streams only to
// reset them (CVE-2023-44487). net/http bounds only the number of handlers that run or wait: a flood
// of streams whose handlers end early stays below that, and keeps all processors busy. report is
// called for each connection that is closed. LimitResets must be called before the server starts,
// and replaces its Handler and ConnContext.
func LimitResets(s *http.Server, report func()) {
	handler, connContext := s.Handler, s.ConnContext
	s.ConnContext = func(ctx context.Context, conn net.Conn) context.Context {
		if connContext != nil {
			ctx = connContext(ctx, conn)
		}
		return context.WithValue(ctx, resetsKey{}, &resets{conn: conn, now: time.Now, left: resetBurst})
	}
	s.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, ok := r.Context().Value(resetsKey{}).(*resets)
		if !ok || r.ProtoMajor != 2 {
			handler.ServeHTTP(w, r)
			return
		}
		defer func() {
			if r.Context().Err() != nil && c.count() {
				report()
			}
		}()
		if r.Context().Err() == nil { // otherwise nobody waits for the response
			handler.ServeHTTP(w, r)
		}
	})
}

type resetsKey struct{}

// resets counts the streams of a connection that its client has reset.
type resets struct {
	conn net.Conn
	now  func() time.Time

	mu      sync.Mutex // guards the fields below
	left    float64    // resets that are permitted at the time updated
	updated time.Time
	closed  bool
}

// count counts a reset. It reports whether it has closed the connection, which it does once.
func (c *resets) count() (closed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return false
	}
	now := c.now()
	if !c.updated.IsZero() {
		c.left = min(resetBurst, c.left+resetPerSecond*now.Sub(c.updated).Seconds())
	}
	c.updated = now
	if c.left--; c.left >= 0 {
		return false
	}
	c.closed = true
	if limited := unwrap(c.conn); limited != nil {
		_ = limited.Close() // below TLS, whose Close waits for the client
	} else {
		_ = c.conn.Close()
	}
	return true
}
