//go:build unix

package doctor

import (
	"fmt"
	"io/fs"
	"syscall"

	"golang.org/x/sys/unix"
)

// isPrivate: nobody else may write, and the folder is this user's.
func isPrivate(info fs.FileInfo) bool {
	owner, ok := info.Sys().(*syscall.Stat_t)
	return info.Mode().Perm()&0o022 == 0 && (!ok || int(owner.Uid) == unix.Geteuid())
}

// fewFiles is what a busy hour needs: a descriptor for each connection, and some for the process.
const fewFiles = 1024

func checkFiles() Finding {
	const about = "open files"
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return Finding{Warning, about, err.Error(), ""}
	}
	said := fmt.Sprintf("at most %d", limit.Cur)
	if limit.Cur < fewFiles {
		return Finding{Warning, about, said, "raise it (ulimit -n, systemd: LimitNOFILE=65536): each connection takes one"}
	}
	return Finding{Verdict: OK, About: about, Text: said}
}
