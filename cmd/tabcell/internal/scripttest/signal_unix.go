//go:build unix

package scripttest

import "syscall"

const hangup = syscall.SIGHUP
