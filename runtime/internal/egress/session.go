package egress

import (
	"cmp"
	"context"
	"errors"
	"net/netip"
	"sync"
	"time"

	"tabcell/runtime/internal/grant"
)

// maxObserved is the number of refused attempts of one call that are reported.
const maxObserved = 100

// maxConnections is the number of connections that one call may make, one after the other.
const maxConnections = 10_000

// Forever is the timeout of an operation that only the end of the call bounds.
const Forever = time.Duration(-1)

// Options connect a session with its call.
type Options struct {
	Grants *grant.Grants // not nil
	// Used is called before each use of a grant that is permitted.
	Used func()
	// Park is called when an operation begins to wait, and the function that it returns when the wait
	// is over.
	Park func() (resume func())
}

// Session has the connections of one call. Its methods are called by one
// goroutine at a time.
type Session struct {
	network *Network
	ctx     context.Context // ends with the call
	cancel  context.CancelFunc
	options Options
	work    sync.WaitGroup // goroutines of the connections
	wake    chan struct{}  // has an element after each change of a connection

	mu       sync.Mutex
	conns    map[int32]*conn             // guarded by mu
	usage    map[*grant.Grant]*usage     // guarded by mu
	made     int                         // guarded by mu; connections since the start of the call
	closed   bool                        // guarded by mu
	resolved map[route][]netip.Addr      // names that were resolved
	pinned   map[netip.Addr][]grant.Host // the names of an address
	refused  int                         // attempts
}

// route is a name, and the way to it.
type route struct {
	host  grant.Host
	proxy bool
}

// usage counts the uses of one grant by a call.
type usage struct {
	connections int   // open
	bytes       int64 // sent and received
}

// NewSession returns the session of a call. ctx is that of the call: when it ends, all operations
// do. The caller must call End.
func (n *Network) NewSession(ctx context.Context, o Options) *Session {
	s := &Session{
		network: n, options: o, wake: make(chan struct{}, 1),
		conns: map[int32]*conn{}, usage: map[*grant.Grant]*usage{},
		resolved: map[route][]netip.Addr{}, pinned: map[netip.Addr][]grant.Host{},
	}
	// The context of the operations has no deadline: package net would end a connection at its
	// deadline with a timeout of its own, a little before the call ends.
	var cancel context.CancelFunc
	s.ctx, cancel = context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, cancel)
	s.cancel = func() { stop(); cancel() }
	return s
}

// End closes all connections and waits until their goroutines have ended.
func (s *Session) End() {
	s.cancel()
	s.mu.Lock()
	s.closed = true
	var all []*conn
	for _, c := range s.conns {
		all = append(all, c)
	}
	s.mu.Unlock()
	for _, c := range all {
		c.abort()
	}
	s.work.Wait()
	for _, c := range all {
		c.release()
	}
}

// changed wakes the operation that waits.
func (s *Session) changed() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// shortWait is the time that an operation waits before it gives the permit back.
const shortWait = time.Millisecond

// await waits until ready returns true. ready is called with mu held. If the timeout is 0, await
// does not wait; it returns Again. Otherwise it returns Timeout after the timeout, and Interrupted
// when the call ends.
func (s *Session) await(timeout time.Duration, ready func() bool) *grant.Error {
	isReady := func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return ready()
	}
	switch {
	case s.ctx.Err() != nil:
		return interrupted()
	case isReady():
		return nil
	case timeout == 0:
		return grant.Errorf(grant.Again, "the operation would block")
	}
	var expired <-chan time.Time
	if timeout > 0 {
		timer := time.NewTimer(timeout)
		defer timer.Stop()
		expired = timer.C
	}
	if done, err := s.waitFor(time.After(shortWait), expired, isReady); done {
		return err
	}
	resume := s.options.Park()
	defer resume()
	_, err := s.waitFor(nil, expired, isReady)
	return err
}

// waitFor waits until ready returns true. done is false if the wait ended with pause.
func (s *Session) waitFor(pause, expired <-chan time.Time, ready func() bool) (done bool, err *grant.Error) {
	for {
		select {
		case <-s.wake:
		case <-pause:
			return ready(), s.ended()
		case <-expired:
			if ready() {
				return true, s.ended()
			}
			return true, grant.Errorf(grant.Timeout, "timed out")
		case <-s.ctx.Done():
			return true, interrupted()
		}
		if ready() {
			return true, s.ended()
		}
	}
}

// ended returns an error if the call has ended. An operation of its connections may have failed just
// because of that.
func (s *Session) ended() *grant.Error {
	if s.ctx.Err() != nil {
		return interrupted()
	}
	return nil
}

func interrupted() *grant.Error {
	return grant.Errorf(grant.Interrupted, "the time limit of the call is over")
}

// refuse reports a refused attempt and returns err.
func (s *Session) refuse(g *grant.Grant, target string, err *grant.Error) *grant.Error {
	if s.refused++; s.refused > maxObserved {
		return err
	}
	s.observe(grant.Use{Grant: nameOf(g), Target: target, Outcome: err.Code.Outcome(), Error: err.Text})
	return err
}

func nameOf(g *grant.Grant) string {
	if g == nil {
		return ""
	}
	return g.Name
}

// observe reports a use.
func (s *Session) observe(u grant.Use) {
	u.Owner, u.Kind = s.options.Grants.Owner, grant.UseConnect
	if report := s.options.Grants.Observe; report != nil {
		report(u)
	}
}

// owner returns the key of the owner for limits, and its name in texts.
func (s *Session) owner() string { return cmp.Or(s.options.Grants.Owner, "anonymous clients") }

// conn returns an open connection.
func (s *Session) conn(handle int32) (*conn, *grant.Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.conns[handle]; c != nil && !c.closing {
		return c, nil
	}
	return nil, grant.Errorf(grant.BadHandle, "the connection is closed")
}

// usageOf returns the usage of a grant. s.mu must be held.
func (s *Session) usageOf(g *grant.Grant) *usage {
	if s.usage[g] == nil {
		s.usage[g] = &usage{}
	}
	return s.usage[g]
}

// asError returns err as a *grant.Error, or nil.
func asError(err error) *grant.Error {
	e, _ := errors.AsType[*grant.Error](err)
	return e
}
