package tck

import (
	"bytes"
	"regexp"
	"sync"
	"time"
)

// logTime is how long after an answer its lines may come.
const logTimeout = 3 * time.Second

// Output collects what a server prints. It may be written to from several goroutines.
type Output struct {
	mu   sync.Mutex
	text bytes.Buffer // guarded by mu
}

// Write never fails.
func (o *Output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

// String is everything so far.
func (o *Output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// awaitPatterns waits until the output matches all patterns, and returns those that it does not match in time.
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
