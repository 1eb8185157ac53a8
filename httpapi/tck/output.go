package tck

import (
	"bytes"
	"regexp"
	"sync"
	"time"
)

// logTimeout is the time within which the log lines of a response must appear.
const logTimeout = 3 * time.Second

// Output collects the output of a server. It is safe for concurrent use.
type Output struct {
	mu   sync.Mutex
	text bytes.Buffer // guarded by mu
}

// Write appends p. It never returns an error.
func (o *Output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

// String returns the output so far.
func (o *Output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// awaitPatterns waits until the output matches all patterns, and returns those that it does not
// match within the timeout.
func (o *Output) awaitPatterns(patterns []string, timeout time.Duration) []string {
	for deadline := time.Now().Add(timeout); ; time.Sleep(20 * time.Millisecond) {
		text := o.String()
		var missing []string
		for _, p := range patterns {
			if !regexp.MustCompile(p).MatchString(text) {
				missing = append(missing, p)
			}
		}
		if len(missing) == 0 || time.Now().After(deadline) {
			return missing
		}
	}
}
