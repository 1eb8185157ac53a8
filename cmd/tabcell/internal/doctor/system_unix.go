//go:build unix

package doctor

import (
	"fmt"

	"tabcell/settings"

	"golang.org/x/sys/unix"
)

const (
	// ownFiles is the number of files that the server itself has open at most, beside those of
	// connections: guests, models, logs, and the sockets of name servers and syslog.
	ownFiles = 64
	// leastFiles is enough for a start and a few connections.
	leastFiles = 48
)

// checkConnections compares the connections that the server accepts with the files that the
// process may have open.
func checkConnections(s settings.Server) Finding {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return Finding{Warning, "connections", err.Error(), "allow the system call getrlimit"}
	}
	return compareFiles(s, limit.Cur)
}

// compareFiles is checkConnections for a process that may have the given number of open files.
func compareFiles(s settings.Server, files uint64) Finding {
	const subject, advice = "connections", "raise the limit (ulimit -n, systemd: LimitNOFILE=65536)"
	text := fmt.Sprintf("at most %d, and %d of one address; the process may have %d files open", s.MaxConnections, s.MaxConnectionsPerAddress, files)
	switch {
	case files < leastFiles:
		return Finding{Failure, subject, fmt.Sprintf("%s, but the server itself needs up to %d", text, leastFiles), advice}
	case files < uint64(s.MaxConnections)+ownFiles:
		return Finding{Warning, subject, fmt.Sprintf("%s, which is less than that and the %d of the server itself", text, ownFiles),
			advice + ", or lower TABCELL_MAX_CONNECTIONS"}
	case s.MaxConnections < minConnections:
		return Finding{Warning, subject, text + "; that is few for a busy hour", advice}
	}
	return Finding{OK, subject, text, ""}
}

// minConnections is enough for a busy hour of a dashboard with many viewers.
const minConnections = 512

// checkAddressSpace checks the limit of the process's address space, which is not memory: the
// guest's cells reserve far more than they use.
func checkAddressSpace(s settings.Settings) Finding {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_AS, &limit); err != nil {
		return Finding{Warning, "address space", err.Error(), "allow the system call getrlimit"}
	}
	return compareAddressSpace(s, limit.Cur)
}

// spareAddressSpace is the address space in bytes that Go reserves for its heap and its metadata,
// and that the ballast takes.
const spareAddressSpace = 1 << 30

// compareAddressSpace is checkAddressSpace for a given limit in bytes.
func compareAddressSpace(s settings.Settings, limit uint64) Finding {
	const subject = "address space"
	need := uint64(s.MemorySumMB())<<20 + spareAddressSpace
	switch {
	case limit >= unix.RLIM_INFINITY&(1<<63-1):
		return Finding{OK, subject, "unlimited", ""}
	case limit < need:
		return Finding{Failure, subject, fmt.Sprintf("limited to %d MiB, but the server may need %d", limit>>20, need>>20),
			"remove the limit (ulimit -v unlimited, systemd: LimitAS=infinity), and limit the memory with a control group (MemoryMax=)"}
	}
	return Finding{Warning, subject, fmt.Sprintf("limited to %d MiB; cells reserve more than they use, so fewer can be kept ready", limit>>20),
		"remove the limit (ulimit -v unlimited, systemd: LimitAS=infinity), and limit the memory with a control group (MemoryMax=)"}
}
