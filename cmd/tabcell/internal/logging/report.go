package logging

import (
	"fmt"
	"io"
	"sync"
	"time"

	"tabcell/cmd/tabcell/internal/term"
)

// reportInterval is the minimum time between two messages of an errorReporter.
const reportInterval = time.Minute

// errorReporter writes a message when a handler fails or loses lines: at once, and then at most
// once in each reportInterval. It is safe for concurrent use.
type errorReporter struct {
	name string
	out  io.Writer // safe for concurrent use
	now  func() time.Time

	mu   sync.Mutex
	next time.Time // guarded by mu; when the next message may be written
	lost uint64    // guarded by mu; lines lost since the last message
	last error     // guarded by mu; the last reported error
}

// report records that lines were lost because of err. lines may be 0.
func (r *errorReporter) report(lines uint64, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lost += lines
	r.last = err
	if now := r.now(); !now.Before(r.next) {
		r.write()
		r.next = now.Add(reportInterval)
	}
}

// flush writes a message about losses that no message contains yet.
func (r *errorReporter) flush() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.lost > 0 {
		r.write()
	}
}

// write writes a message. The caller holds r.mu.
func (r *errorReporter) write() {
	lost := ""
	if r.lost > 0 {
		lost = fmt.Sprintf(" (lines lost: %d)", r.lost)
	}
	fmt.Fprintf(r.out, "tabcell: log handler %s: %s%s\n", r.name, term.OneLine(r.last.Error()), lost)
	r.lost = 0
}
