//go:build linux && (amd64 || arm64)

package confine

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// forbidCoreFiles sets the size limit of core files to 0, because a core file has the data of all
// requests in progress.
func forbidCoreFiles() error {
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		return fmt.Errorf("RLIMIT_CORE: %w", err)
	}
	return nil
}

// forbidDumps also refuses core dumps through a pipe, which have no size limit, and debuggers of
// the same user.
func forbidDumps() error {
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("PR_SET_DUMPABLE: %w", err)
	}
	return nil
}
