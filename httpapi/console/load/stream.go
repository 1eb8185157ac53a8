package load

import (
	"context"
	"sync"
	"time"
)

// Limits of the streams that are open at once.
const (
	MaxStreams         = 64
	MaxStreamsPerOwner = 8 // an HTTP/1.1 browser opens no more than six connections
)

// tick is the time between two events of a stream.
const tick = time.Second

// streams counts the open streams and wakes them.
type streams struct {
	mu     sync.Mutex
	owners map[string]int // guarded by mu; open streams by owner, no zeros
	open   int            // guarded by mu
	next   chan struct{}  // guarded by mu; closed at the next tick
	ended  chan struct{}  // closed when Run ends
}

func newStreams() streams {
	return streams{owners: map[string]int{}, next: make(chan struct{}), ended: make(chan struct{})}
}

// Stream is a client that gets the state every second.
type Stream struct {
	streams *streams
	owner   string
}

// Open opens a stream for an owner. ok is false if there are too many.
func (r *Recorder) Open(owner string) (s *Stream, ok bool) {
	t := &r.streams
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.open >= MaxStreams || t.owners[owner] >= MaxStreamsPerOwner {
		return nil, false
	}
	t.open++
	t.owners[owner]++
	return &Stream{t, owner}, true
}

// Close ends the stream. It must be called once.
func (s *Stream) Close() {
	s.streams.mu.Lock()
	defer s.streams.mu.Unlock()
	s.streams.open--
	if s.streams.owners[s.owner]--; s.streams.owners[s.owner] == 0 {
		delete(s.streams.owners, s.owner)
	}
}

// Wait waits for the next second. It returns false if ctx is done or the server stops.
func (s *Stream) Wait(ctx context.Context) bool {
	s.streams.mu.Lock()
	next := s.streams.next
	s.streams.mu.Unlock()
	select {
	case <-next:
		return true
	case <-ctx.Done():
	case <-s.streams.ended:
	}
	return false
}

// wake ends the waits of all streams.
func (t *streams) wake() {
	t.mu.Lock()
	defer t.mu.Unlock()
	close(t.next)
	t.next = make(chan struct{})
}

// Run adds a sample to the history in each step, and wakes the streams every second, until ctx is
// done. Then all streams end. It must be called at most once; without it, streams get no events.
func (r *Recorder) Run(ctx context.Context) {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	defer close(r.streams.ended)
	last := numberOf(r.now())
	r.Sample() // the differences of counters begin here
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if number := numberOf(r.now()); number != last {
			last = number
			r.Sample()
		}
		r.streams.wake()
	}
}
