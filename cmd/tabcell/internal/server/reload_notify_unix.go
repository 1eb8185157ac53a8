//go:build unix

package server

import (
	"os"
	"os/signal"
	"syscall"
)

// NotifyReload returns a channel of the signals that ask a server to reload, SIGHUP, and a function
// that stops them.
func NotifyReload() (signals <-chan os.Signal, stop func()) {
	c := make(chan os.Signal, 1) // one reload serves all signals that arrive before it
	signal.Notify(c, syscall.SIGHUP)
	return c, func() { signal.Stop(c) }
}
