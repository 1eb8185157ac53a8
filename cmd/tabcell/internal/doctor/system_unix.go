//go:build unix

package doctor

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// minOpenFiles is enough for a busy hour: a descriptor for each connection, and some for the
// process itself.
const minOpenFiles = 1024

func checkFiles() Finding {
	const subject = "open files"
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return Finding{Warning, subject, err.Error(), ""}
	}
	text := fmt.Sprintf("at most %d", limit.Cur)
	if limit.Cur < minOpenFiles {
		return Finding{Warning, subject, text + "; each connection uses one",
			"raise the limit (ulimit -n, systemd: LimitNOFILE=65536)"}
	}
	return Finding{OK, subject, text, ""}
}
