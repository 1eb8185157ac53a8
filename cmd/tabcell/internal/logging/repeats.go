package logging

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"
)

const (
	repeatWindow = time.Minute
	maxRepeats   = 1024 // different lines in a window; further ones count as one
)

// Repeats limits the lines that a client can cause again and again: warnings and errors outside of
// requests, and all lines, also at info level, about requests that were refused before they reached
// a cell. In each minute a number of equal lines is logged. The others are counted, and one line
// reports their number. Lines about scripts and models are not limited. It is a zerolog.Hook, and
// safe for concurrent use.
type Repeats struct {
	log   zerolog.Logger // for the reports
	limit int            // equal lines in a window

	mu    sync.Mutex
	lines map[string]*repeatedLine // by key; guarded by mu
	timer *time.Timer              // guarded by mu; ends the window of the lines; nil if there are none
}

// repeatedLine counts the lines with the same key.
type repeatedLine struct {
	level      zerolog.Level
	message    string // of the last line that was not logged
	seen, lost int
}

// LimitRepeats returns log with a limit of equal lines in a minute, and the limiter, which must be
// closed. A limit of 0 means none.
func LimitRepeats(log zerolog.Logger, limit int) (zerolog.Logger, *Repeats) {
	r := &Repeats{log: log, limit: limit, lines: map[string]*repeatedLine{}}
	if limit == 0 {
		return log, r
	}
	return log.Hook(r), r
}

// Run implements zerolog.Hook.
func (r *Repeats) Run(e *zerolog.Event, level zerolog.Level, message string) {
	if level < zerolog.InfoLevel || level > zerolog.ErrorLevel || level == zerolog.InfoLevel && !aboutFailure(message) {
		return
	}
	key, ok := repeatKey(message)
	if ok && !r.admit(key, level, message) {
		e.Discard()
	}
}

// admit reports whether a line is to be logged. Otherwise it is counted.
func (r *Repeats) admit(key string, level zerolog.Level, message string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.lines[key] == nil && len(r.lines) >= maxRepeats {
		key = ""
	}
	line := r.lines[key]
	if line == nil {
		line = &repeatedLine{level: level}
		r.lines[key] = line
	}
	if r.timer == nil {
		r.timer = time.AfterFunc(repeatWindow, r.report)
	}
	if line.seen++; line.seen <= r.limit {
		return true
	}
	line.lost++
	line.message = message
	return false
}

// report logs how many lines were not logged, and begins a new window.
func (r *Repeats) report() {
	r.mu.Lock()
	lines := r.lines
	r.lines, r.timer = map[string]*repeatedLine{}, nil
	r.mu.Unlock()
	var lost []*repeatedLine
	for _, line := range lines {
		if line.lost > 0 {
			lost = append(lost, line)
		}
	}
	slices.SortFunc(lost, func(a, b *repeatedLine) int { return strings.Compare(a.message, b.message) })
	for _, line := range lost {
		r.log.WithLevel(line.level).Int("repeats", line.lost).Int("limit", r.limit).
			Msgf("lines like the following were not logged in the last minute, beyond the limit of TABCELL_LOG_REPEATS: %s", line.message)
	}
}

// Close reports the lines that were not logged since the last report.
func (r *Repeats) Close() {
	r.mu.Lock()
	if r.timer != nil {
		r.timer.Stop()
	}
	r.mu.Unlock()
	r.report()
}

var (
	// accessMessage matches the message of an access line: status, method, URL, address and time.
	accessMessage = regexp.MustCompile(`^(\d{3}) .* \(([^()]*)\) [0-9.]+ms$`)
	// failureMessage matches TabPy's line about a failed request.
	failureMessage = regexp.MustCompile(`^Responding with status=(\d{3}), `)
	// portNumber matches the part of an address that differs from one connection to the next.
	portNumber = regexp.MustCompile(`:\d+\b`)
)

// refusedStatuses are the statuses of requests that did not reach a cell.
var refusedStatuses = []string{"400", "401", "403", "404", "405", "406", "413", "421", "429", "503"}

// aboutFailure reports whether a line at info level is about a request that failed. Only such lines
// are limited. The prefix excludes most lines without the search of a pattern.
func aboutFailure(message string) bool {
	return strings.HasPrefix(message, "4") && accessMessage.MatchString(message) || failureMessage.MatchString(message)
}

// repeatKey returns a text that is equal for lines to be counted together. Access lines with the
// same status and address are. ok is false for lines that are not limited.
func repeatKey(message string) (key string, ok bool) {
	if m := accessMessage.FindStringSubmatch(message); m != nil {
		return fmt.Sprintf("access %s %s", m[1], m[2]), slices.Contains(refusedStatuses, m[1])
	}
	if m := failureMessage.FindStringSubmatch(message); m != nil {
		return message, slices.Contains(refusedStatuses, m[1])
	}
	return portNumber.ReplaceAllLiteralString(message, ":"), true
}
