package cluster

import (
	"encoding/binary"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/testenv"
)

// clock is the wall clock of a node: its difference from that of the machine, in a file that the
// program maps.
type clock struct {
	t    testing.TB
	file string

	mu    sync.Mutex
	shift time.Duration
	drift func() // ends the present drift; nil without one
}

// newClock returns a clock without a difference.
func newClock(t testing.TB, file string) *clock {
	c := &clock{t: t, file: file}
	testenv.WriteFile(t, file, strings.Repeat("\x00", 8))
	t.Cleanup(c.keep)
	return c
}

// jump changes the clock at once.
func (c *clock) jump(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f, err := os.OpenFile(c.file, os.O_WRONLY, 0) // not truncated: the program maps it
	if err != nil {
		c.t.Error(err)
		return
	}
	defer f.Close()
	if _, err := f.WriteAt(binary.NativeEndian.AppendUint64(nil, uint64(c.shift+by)), 0); err != nil {
		c.t.Error(err)
	}
	c.shift += by
}

// run makes the clock gain or lose a part of the time until keep is called.
func (c *clock) run(part float64) {
	stop, ended := make(chan struct{}), make(chan struct{})
	c.drift = func() { close(stop); <-ended }
	go func() {
		defer close(ended)
		const step = 10 * time.Millisecond
		for {
			select {
			case <-time.After(step):
				c.jump(time.Duration(part * float64(step)))
			case <-stop:
				return
			}
		}
	}()
}

// keep ends a drift. The difference stays.
func (c *clock) keep() {
	if c.drift != nil {
		c.drift()
		c.drift = nil
	}
}

// right makes the clock that of the machine again.
func (c *clock) right() {
	c.keep()
	c.jump(-c.shift)
}
