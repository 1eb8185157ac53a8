//go:build !windows

package service

import "os"

// IsManaged reports whether the Windows service manager has started the process.
func IsManaged() bool { return false }

// Run returns ErrUnsupported.
func Run(func(<-chan os.Signal, Notifier, EventLog) int) (code int, err error) {
	return 0, ErrUnsupported
}

// OpenManager returns ErrUnsupported.
func OpenManager() (Manager, error) { return nil, ErrUnsupported }
