package doctor

import (
	"fmt"

	"tabcell/cmd/tabcell/internal/confine"
	"tabcell/settings"

	"golang.org/x/sys/unix"
)

// checkUserfaultfd checks that the process may use userfaultfd, with which the kernel maps only
// those pages of an image that a script uses.
func checkUserfaultfd() Finding {
	const subject, userModeOnly = "userfaultfd", 1
	fd, _, errno := unix.Syscall(unix.SYS_USERFAULTFD, unix.O_CLOEXEC|userModeOnly, 0, 0)
	if errno != 0 {
		return Finding{Warning, subject, errno.Error() + "; finding the pages that a script has written takes longer",
			"use Linux 6.7 or newer, and allow userfaultfd in the container's seccomp profile"}
	}
	unix.Close(int(fd))
	return Finding{OK, subject, "available", ""}
}

// checkLandlock shows the version of Landlock's interface. What is missing for the confinement is
// also part of its own check.
func checkLandlock(p settings.Process) Finding {
	abi, err := confine.LandlockABI()
	switch {
	case err == nil:
		return Finding{OK, "landlock", fmt.Sprintf("version %d of its interface", abi), ""}
	case p.Confine == confine.Off:
		return Finding{OK, "landlock", err.Error() + "; not needed, because TABCELL_CONFINE is off", ""}
	}
	return Finding{severityOf(p), "landlock", err.Error(), "use Linux 5.19 or newer with Landlock, and allow it in the container's seccomp profile"}
}

// checkSeccomp checks that the kernel has filters of system calls.
func checkSeccomp(p settings.Process) Finding {
	err := confine.FilterSupported()
	if err == nil || p.Confine == confine.Off {
		return Finding{OK, "seccomp", map[bool]string{true: "filters are available", false: "no filters; not needed, because TABCELL_CONFINE is off"}[err == nil], ""}
	}
	return Finding{severityOf(p), "seccomp", err.Error(), "use a kernel with CONFIG_SECCOMP_FILTER"}
}

// severityOf returns the severity of a missing part of the confinement.
func severityOf(p settings.Process) Severity {
	if p.Confine == confine.Require {
		return Failure
	}
	return Warning
}
