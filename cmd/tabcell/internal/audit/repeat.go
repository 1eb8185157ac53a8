package audit

import (
	"time"

	"tabcell/httpapi"
)

// Events that clients can cause at will are limited: the first one gets a line, and repeats are
// counted. Equal refusals have one more line each minute, with the number of repeats. Sign-ins that
// succeed have one line each hour for an account and an address, because clients send their
// credentials with every request.
const (
	refusalWindow = time.Minute
	maxRefusals   = 256 // different refusals in a window
	signInWindow  = time.Hour
	maxSignIns    = 4096
)

// repeats finds the repeats among the events of a window. It is not safe for concurrent use.
type repeats struct {
	window time.Duration
	limit  int // of the different events in a window; further ones are only counted
	silent bool
	seen   map[httpapi.AuditEvent]*repeat
	next   time.Time // when the first of the windows ends; zero if there are none
}

// repeat counts the repeats of an event.
type repeat struct {
	first httpapi.AuditEvent
	until time.Time // the end of the window
	count uint64
}

func newRepeats(window time.Duration, limit int, silent bool) *repeats {
	return &repeats{window: window, limit: limit, silent: silent, seen: map[httpapi.AuditEvent]*repeat{}}
}

// others stands for the different events of a kind beyond the limit.
func others(e httpapi.AuditEvent) httpapi.AuditEvent {
	return httpapi.AuditEvent{Kind: e.Kind, Outcome: e.Outcome, Reason: "events beyond the number that has lines of its own"}
}

// admit reports whether the event gets a line of its own. Otherwise it is counted.
func (r *repeats) admit(e httpapi.AuditEvent, now time.Time) bool {
	key := e
	key.Call, key.Version = "", 0
	if entry := r.seen[key]; entry != nil {
		entry.count++
		return false
	}
	admitted := len(r.seen) < r.limit
	if !admitted {
		e = others(e)
		if key = e; r.seen[key] != nil {
			r.seen[key].count++
			return false
		}
	}
	entry := &repeat{first: e, until: now.Add(r.window)}
	if !admitted {
		entry.count = 1
	}
	r.seen[key] = entry
	if r.next.IsZero() || entry.until.Before(r.next) {
		r.next = entry.until
	}
	return admitted
}

// expired forgets the events whose window has ended, and returns those that have repeats to report.
func (r *repeats) expired(now time.Time) []*repeat {
	if r.next.IsZero() || now.Before(r.next) {
		return nil
	}
	return r.forget(func(entry *repeat) bool { return !now.Before(entry.until) })
}

// forget removes the entries for which ended returns true, and returns those to report.
func (r *repeats) forget(ended func(*repeat) bool) (report []*repeat) {
	r.next = time.Time{}
	for key, entry := range r.seen {
		if !ended(entry) {
			if r.next.IsZero() || entry.until.Before(r.next) {
				r.next = entry.until
			}
			continue
		}
		delete(r.seen, key)
		if entry.count > 0 && !r.silent {
			report = append(report, entry)
		}
	}
	return report
}
