// Package service connects the server with the service manager of the system. It reports the state
// of the server to systemd, and installs, starts, runs and removes the server as a Windows service.
package service

import (
	"context"
	"time"
)

// Notifier tells a service manager about the state of the server. Its methods are safe for
// concurrent use and return soon. They have no errors, because the server goes on in any case.
type Notifier interface {
	// Ready reports that the start is complete.
	Ready()
	// Reloading reports that the configuration is being read again, and Reloaded that this is over.
	// Both do nothing before Ready.
	Reloading()
	Reloaded()
	// Stopping reports that the server finishes its requests and then ends, within limit.
	Stopping(limit time.Duration)
	// Status describes the state of the server in a line for the administrator.
	Status(text string)
	// Alive reports that the server works. The manager expects that in intervals of Watchdog, and
	// restarts the server otherwise. An interval of 0 means that it expects nothing.
	Alive()
	Watchdog() time.Duration
}

// None is the Notifier without a service manager.
type None struct{}

var _ Notifier = None{}

// Ready implements Notifier.
func (None) Ready() {}

// Reloading implements Notifier.
func (None) Reloading() {}

// Reloaded implements Notifier.
func (None) Reloaded() {}

// Stopping implements Notifier.
func (None) Stopping(time.Duration) {}

// Status implements Notifier.
func (None) Status(string) {}

// Alive implements Notifier.
func (None) Alive() {}

// Watchdog implements Notifier.
func (None) Watchdog() time.Duration { return 0 }

// Watch calls check three times in each interval of the manager's watchdog, and reports each
// success with Alive. It passes a failure to failed. If checks fail or hang for a whole interval,
// the manager therefore restarts the server. Watch returns when ctx is done, or at once without a
// watchdog.
func Watch(ctx context.Context, n Notifier, check func(context.Context) error, failed func(error)) {
	interval := n.Watchdog() / 3
	if interval <= 0 {
		return
	}
	ticks := time.NewTicker(interval)
	defer ticks.Stop()
	for {
		if err := check(ctx); err == nil {
			n.Alive()
		} else if ctx.Err() == nil {
			failed(err)
		}
		select {
		case <-ticks.C:
		case <-ctx.Done():
			return
		}
	}
}
