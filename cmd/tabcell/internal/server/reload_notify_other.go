//go:build !unix

package server

import "os"

// NotifyReload returns nil, because this system has no signal for a reload. The password file and
// the certificate are nevertheless read again when they change.
func NotifyReload() (signals <-chan os.Signal, stop func()) { return nil, func() {} }
