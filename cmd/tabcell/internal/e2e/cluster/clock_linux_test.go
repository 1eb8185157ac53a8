//go:build cluster

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

// clock implements wallClock by its difference from the machine's, in a file that the program maps.
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

func (c *clock) setting() string { return "WALL_CLOCK_SHIFT=" + c.file }

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

func (c *clock) keep() {
	if c.drift != nil {
		c.drift()
		c.drift = nil
	}
}

func (c *clock) right() {
	c.keep()
	c.jump(-c.shift)
}
