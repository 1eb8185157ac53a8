//go:build unix

package server

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// minAddressSpace has the address space in bytes that starting each guest takes, from a
// measurement. It is not memory: Go and the engine reserve far more than they use. With less,
// the Go runtime ends the process in the middle of the start, without a message that an
// administrator understands.
var minAddressSpace = map[string]uint64{"core": 3 << 30, "full": 5 << 30}

// checkAddressSpace returns an error if the limit of this process is too low for a guest.
func checkAddressSpace(guest string) error {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_AS, &limit); err != nil {
		return nil // the start tells
	}
	return compareAddressSpace(guest, limit.Cur)
}

func compareAddressSpace(guest string, limit uint64) error {
	need := minAddressSpace[guest]
	if limit >= need {
		return nil
	}
	return fmt.Errorf("the address space of this process is limited to %d MiB (ulimit -v), but the Python guest %q needs at least %d MiB; "+
		"remove the limit (ulimit -v unlimited, systemd: LimitAS=infinity), and limit the memory with a control group (MemoryMax=)",
		limit>>20, guest, need>>20)
}
