package service

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// counter counts the calls of Alive.
type counter struct {
	None
	alive    int
	interval time.Duration
}

func (c *counter) Alive()                  { c.alive++ }
func (c *counter) Watchdog() time.Duration { return c.interval }

// TestWatch checks that a server which answers is reported three times in each interval, and that
// one which fails or hangs is not.
func TestWatch(t *testing.T) {
	for name, c := range map[string]struct {
		check  func(context.Context) error
		alive  int
		failed int
	}{
		"works": {func(context.Context) error { return nil }, 10, 0},
		"fails": {func(context.Context) error { return errors.New("stuck") }, 0, 10},
		"hangs": {func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, 0, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			n, failed := &counter{interval: 30 * time.Second}, 0
			ctx, cancel := context.WithTimeout(t.Context(), 95*time.Second) // checks at 0, 10, ..., 90 s
			defer cancel()
			Watch(ctx, n, c.check, func(error) { failed++ })
			if n.alive != c.alive || failed != c.failed {
				t.Errorf("%s: %d times alive, %d failures; want %d and %d", name, n.alive, failed, c.alive, c.failed)
			}
		})
	}
}

// TestWatchWithoutWatchdog checks that nothing is done if the manager expects nothing.
func TestWatchWithoutWatchdog(t *testing.T) {
	Watch(t.Context(), None{}, func(context.Context) error { t.Error("checked"); return nil }, nil)
}
