package tck

import (
	"bytes"
	"regexp"
	"sync"
	"time"
)

// logTime is how long after an answer its lines may come.
const logTime = 3 * time.Second

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

// missing waits until the output matches all patterns, and returns those that it does not match in time.
func (o *Output) missing(patterns []string, most time.Duration) []string {
	for deadline := time.Now().Add(most); ; time.Sleep(20 * time.Millisecond) {
		text := o.String()
		var left []string
		for _, p := range patterns {
			if !regexp.MustCompile(p).MatchString(text) {
				left = append(left, p)
			}
		}
		if len(left) == 0 || time.Now().After(deadline) {
			return left
		}
	}
}
