//go:build unix

package hostfs

import "syscall"

// openFlags makes the open of a named pipe return at once.
const openFlags = syscall.O_NONBLOCK
