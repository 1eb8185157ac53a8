package cluster

import (
	"sync"
	"time"
)

// failure is the last failure to write to a disk. It is safe for concurrent use.
type failure struct {
	mu  sync.Mutex
	err error
	at  time.Time
}

// note notes the result of an attempt. nil means that the disk can be written again.
func (f *failure) note(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err, f.at = err, time.Now()
}

// within returns the last failure, and nil if it is older than that time or the disk was written
// since.
func (f *failure) within(d time.Duration) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if time.Since(f.at) > d {
		return nil
	}
	return f.err
}
