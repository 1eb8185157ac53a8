package logging

import (
	"fmt"
	"io"
	"sync"
	"time"

	"tabcell/cmd/tabcell/internal/term"
	"tabcell/settings/pylog"
)

// streamSink is standard output or standard error.
type streamSink struct {
	mu     *sync.Mutex // of the stream, which outlets may share
	out    io.Writer   // guarded by mu
	colour bool        // somebody is watching
}

func (s *streamSink) put(line []byte, r *pylog.Record) error {
	before, after := "", "\n"
	if s.colour && r.Level >= 30 {
		before, after = "\x1b[33m", "\x1b[0m\n" // yellow
		if r.Level >= 40 {
			before = "\x1b[31m" // red
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.out.Write(append(append([]byte(before), line...), after...))
	return err
}

func (s *streamSink) Close() error { return nil }

// nullSink is NullHandler's.
type nullSink struct{}

func (nullSink) put([]byte, *pylog.Record) error { return nil }
func (nullSink) Close() error                    { return nil }

// quiet is how long trouble is silent after it spoke.
const quiet = time.Minute

// trouble tells on standard error that lines of a handler are lost, at once and then at most once a minute.
type trouble struct {
	name string
	out  io.Writer // safe for many goroutines
	now  func() time.Time

	mu   sync.Mutex
	next time.Time // guarded by mu: when it may speak again
	lost uint64    // guarded by mu: since it spoke
	last error     // guarded by mu: why
}

func (t *trouble) report(lines uint64, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lost += lines
	t.last = err
	if now := t.now(); !now.Before(t.next) {
		t.speak()
		t.next = now.Add(quiet)
	}
}

// end tells of losses that nobody has heard of yet.
func (t *trouble) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.lost > 0 {
		t.speak()
	}
}

func (t *trouble) speak() {
	lost := ""
	if t.lost > 0 {
		lost = fmt.Sprintf(" (lines lost: %d)", t.lost)
	}
	fmt.Fprintf(t.out, "tabcell: log handler %s: %s%s\n", t.name, term.OneLine(t.last.Error()), lost)
	t.lost = 0
}
