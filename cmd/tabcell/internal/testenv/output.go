package testenv

import (
	"bytes"
	"regexp"
	"sync"
	"testing"
	"time"
)

// Output collects the output of a program, which a test can read while the program runs. It is safe
// for concurrent use.
type Output struct {
	mu      sync.Mutex // guards text
	text    bytes.Buffer
	written chan struct{} // of capacity 1; receives a value on each write
}

// NewOutput returns an empty Output.
func NewOutput() *Output { return &Output{written: make(chan struct{}, 1)} }

// Write implements io.Writer.
func (o *Output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	select {
	case o.written <- struct{}{}:
	default:
	}
	return o.text.Write(p)
}

// String returns the output so far.
func (o *Output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// Find waits until the output matches pattern and returns the last group of the match, or all of it
// if pattern has no groups. If nothing matches within 30 seconds, scaled, the test fails.
func (o *Output) Find(t testing.TB, pattern string) string {
	t.Helper()
	timeout := time.After(Scaled(30 * time.Second))
	for {
		if m := regexp.MustCompile(pattern).FindStringSubmatch(o.String()); m != nil {
			return m[len(m)-1]
		}
		select {
		case <-o.written:
		case <-timeout:
			t.Fatalf("no match of %q in\n%s", pattern, o)
		}
	}
}
