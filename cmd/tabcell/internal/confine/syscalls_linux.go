//go:build linux && (amd64 || arm64)

package confine

import "golang.org/x/sys/unix"

// permitted has the system calls of a running server: those of Go's runtime, and of packages os and
// net for files and connections that exist or that Landlock controls. Not every processor has all
// of them.
//
// To permit a system call, add it here with the reason, unless the group states it, and add an
// attack to takeover_test.go if it could be misused.
var permitted = []string{
	// Input and output on open descriptors.
	"read", "write", "readv", "writev", "pread64", "pwrite64", "preadv", "pwritev", "close", "lseek", "dup", "dup3", "fcntl", "ioctl",
	"pipe2", "sendfile", "splice", "copy_file_range", "poll", "ppoll", "select", "pselect6",
	"epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait", "epoll_pwait2", "eventfd2",
	// Files, within the rights that Landlock leaves.
	"open", "openat", "openat2", "fstat", "stat", "lstat", "newfstatat", "statx", "statfs", "fstatfs", "access", "faccessat", "faccessat2",
	"readlink", "readlinkat", "getdents64", "getcwd", "mkdirat", "unlinkat", "renameat", "renameat2", "linkat", "fsync", "fdatasync", "ftruncate",
	"fallocate", "flock", "fchmod", "fchmodat", "fchmodat2", "utimensat", "umask", "memfd_create",
	// Connections that clients have opened.
	"accept", "accept4", "getsockname", "getpeername", "getsockopt", "setsockopt", "recvfrom", "sendto", "recvmsg", "sendmsg", "shutdown",
	// Memory. Seal refuses PROT_EXEC.
	"mmap", "mprotect", "munmap", "mremap", "madvise", "mincore", "brk", "membarrier",
	// Threads, signals and time.
	"clone", "futex", "set_robust_list", "rseq", "sched_yield", "sched_getaffinity", "gettid", "getpid", "getppid", "getpgrp", "tgkill",
	"rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigpending", "rt_sigtimedwait", "sigaltstack", "restart_syscall",
	"nanosleep", "clock_nanosleep", "clock_gettime", "clock_getres", "gettimeofday", "time",
	"timer_create", "timer_settime", "timer_delete", "setitimer", "exit", "exit_group",
	// Waiting for the process that fetches keys.
	"wait4", "waitid",
	// Questions about the process and the machine.
	"getrandom", "uname", "sysinfo", "getrusage", "times", "getrlimit", "prlimit64", "getuid", "geteuid", "getgid", "getegid", "getgroups", "capget",
}

// untilSealed has the system calls that only the rest of the start needs, which maps the code of
// the guests and completes the wall.
var untilSealed = []string{
	"capset", "landlock_add_rule", "landlock_create_ruleset", "landlock_restrict_self", "prctl", "seccomp", "setrlimit",
	"tkill", // how C libraries run a system call on all threads
	"userfaultfd",
}

// sockets has the system calls for connections to other hosts.
var sockets = []string{"socket", "connect"}

// insteadOld has system calls that are refused in the way of a kernel that does not have them, so
// that C libraries use an older one.
var insteadOld = []string{"clone3"}

// namespaces are the flags of clone that create namespaces.
const namespaces = unix.CLONE_NEWCGROUP | unix.CLONE_NEWIPC | unix.CLONE_NEWNET | unix.CLONE_NEWNS |
	unix.CLONE_NEWPID | unix.CLONE_NEWUSER | unix.CLONE_NEWUTS
