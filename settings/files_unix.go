//go:build unix

package settings

import "syscall"

// maxOpenFiles returns the number of files and connections that this process may have open, or 0 if
// it is unknown. Go has raised the soft limit to the hard limit at the start.
func maxOpenFiles() int {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil {
		return 0
	}
	return int(min(uint64(limit.Cur), 1<<30))
}
