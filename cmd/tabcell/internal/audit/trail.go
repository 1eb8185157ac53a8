package audit

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"tabcell/httpapi"

	"github.com/rs/zerolog"
)

// sink stores lines. It is used by one goroutine at a time.
type sink interface {
	// write stores a line, which ends in a line feed and has the position at. If durable is set, the
	// line must survive a crash of the machine.
	write(line []byte, at position, durable bool) error
	// tear returns the tear after the last line, or nil. The next line must be "recovered".
	tear() *tear
	close() error
}

// Trail is an audit trail. It implements httpapi.Audit and is safe for concurrent use.
type Trail struct {
	log  zerolog.Logger
	now  func() time.Time
	stop chan struct{} // closed by Close
	done chan struct{} // closed when the reporting of repeats has ended

	mu       sync.Mutex
	sink     sink     // guarded by mu
	node     string   // guarded by mu; the name of this node of a cluster, or ""
	last     position // guarded by mu
	lost     uint64   // guarded by mu; events since the last line that could not be stored
	allLost  uint64   // guarded by mu; since the start
	failing  error    // guarded by mu; why the last event was not stored, or nil
	refusals *repeats // guarded by mu
	signIns  *repeats // guarded by mu
	closed   bool     // guarded by mu
}

var errClosed = errors.New("the audit trail is closed")

// newTrail returns a trail that continues after the given position.
func newTrail(s sink, last position, log zerolog.Logger, now func() time.Time) *Trail {
	t := &Trail{
		log: log, now: now, stop: make(chan struct{}), done: make(chan struct{}), sink: s, last: last,
		refusals: newRepeats(refusalWindow, maxRefusals, false), signIns: newRepeats(signInWindow, maxSignIns, true),
	}
	go t.reportRepeats()
	return t
}

// SetNode names the node of a cluster in all further lines. The name "" leaves it out.
func (t *Trail) SetNode(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.node = name
}

// Record implements httpapi.Audit. The lines of changes are on the disk when it returns.
func (t *Trail) Record(e httpapi.AuditEvent) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return errClosed
	}
	now := t.now()
	t.storeRepeats(now)
	if limit := t.limitFor(e); limit != nil && !limit.admit(e, now) {
		return nil
	}
	return t.store(newRecord(e, now), mustBeDurable(e.Kind))
}

// limitFor returns the limit for events of e's kind, or nil if each of them has a line.
func (t *Trail) limitFor(e httpapi.AuditEvent) *repeats {
	switch e.Kind {
	case httpapi.AuditSignIn:
		if e.Outcome == httpapi.AuditOK {
			return t.signIns
		}
		return t.refusals
	case httpapi.AuditAccess, httpapi.AuditLimit:
		return t.refusals
	}
	if e.Outcome == httpapi.AuditRefused {
		return t.refusals
	}
	return nil
}

// mustBeDurable reports whether an event of this kind must be on the disk before it happens: it
// changes the deployed endpoints, or discloses their code.
func mustBeDurable(kind httpapi.AuditKind) bool {
	switch kind {
	case httpapi.AuditDeploy, httpapi.AuditUpdate, httpapi.AuditRollback, httpapi.AuditRemove, httpapi.AuditImport, httpapi.AuditExport:
		return true
	}
	return false
}

// store writes a line, after one about a tear if there is one. The caller holds t.mu.
func (t *Trail) store(r record, durable bool) error {
	err := t.closeTear()
	if err == nil {
		r.Lost, r.Node = t.lost, t.node
		err = t.write(r, durable)
	}
	switch {
	case err != nil:
		t.lost++
		t.allLost++
		if t.failing == nil {
			t.log.Error().Err(err).Msg("the audit trail cannot be written; endpoints cannot be changed until it can, while scripts and queries continue")
		}
		err = fmt.Errorf("the audit trail cannot be written: %w", err)
	default:
		if t.failing != nil {
			t.log.Info().Uint64("lost", r.Lost).Msg("the audit trail can be written again")
		}
		t.lost = 0
	}
	t.failing = err
	return err
}

// closeTear writes the line that follows a tear. The caller holds t.mu.
func (t *Trail) closeTear() error {
	torn := t.sink.tear()
	if torn == nil {
		return nil
	}
	r := record{Time: t.now().UTC().Format(timeFormat), Event: recovered, TornBytes: torn.size, TornSHA256: torn.digest(),
		Reason: "the line before this one was not written to its end"}
	return t.write(r, false)
}

func (t *Trail) write(r record, durable bool) error {
	line, at := r.encode(t.last)
	if err := t.sink.write(line, at, durable); err != nil {
		return err
	}
	t.last = at
	return nil
}

// reportRepeats writes the lines about repeats when their windows end, even without new events.
func (t *Trail) reportRepeats() {
	defer close(t.done)
	ticker := time.NewTicker(refusalWindow / 4)
	defer ticker.Stop()
	for {
		select {
		case <-t.stop:
			return
		case <-ticker.C:
			t.mu.Lock()
			t.storeRepeats(t.now())
			t.mu.Unlock()
		}
	}
}

// storeRepeats writes a line for each event that has been repeated and whose window has ended. The
// caller holds t.mu.
func (t *Trail) storeRepeats(now time.Time) {
	for _, entry := range append(t.refusals.expired(now), t.signIns.expired(now)...) {
		t.storeRepeat(entry, now)
	}
}

func (t *Trail) storeRepeat(entry *repeat, now time.Time) {
	r := newRecord(entry.first, now)
	r.Repeats = entry.count
	_ = t.store(r, false) // a failure has been logged and counted
}

// Stats implements httpapi.AuditStatsSource.
func (t *Trail) Stats() httpapi.AuditStats {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := httpapi.AuditStats{Lines: t.last.seq, Lost: t.allLost, Head: t.last.hash}
	if t.failing != nil {
		s.Failing = t.failing.Error()
	}
	return s
}

// Reopen opens the file of the trail again, after another program has moved it. It does nothing for
// other destinations.
func (t *Trail) Reopen() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if f, ok := t.sink.(*fileSink); ok {
		return f.reopen()
	}
	return nil
}

// Close writes the lines about repeats and closes the destination. Later events are not stored.
func (t *Trail) Close() error {
	t.mu.Lock()
	if t.closed {
		t.mu.Unlock()
		return nil
	}
	t.closed = true
	now := t.now()
	for _, entry := range t.refusals.forget(func(*repeat) bool { return true }) {
		t.storeRepeat(entry, now)
	}
	t.mu.Unlock()
	close(t.stop)
	<-t.done
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.sink.close()
}
