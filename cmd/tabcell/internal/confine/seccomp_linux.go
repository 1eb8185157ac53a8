//go:build linux && (amd64 || arm64)

package confine

import (
	"errors"
	"fmt"
	"math"
	"os"
	goruntime "runtime"

	seccomp "github.com/elastic/go-seccomp-bpf"
	"github.com/elastic/go-seccomp-bpf/arch"
	"golang.org/x/sys/unix"
)

// The kernel applies all filters of a process and takes the strictest result. The first filter
// lists the permitted system calls by name, and each condition on arguments has a filter of its
// own: after a condition that does not hold, go-seccomp-bpf compares the numbers of the next system
// calls with an argument instead of the number of the call.

// errnoENOSYS makes libraries use an older system call.
const errnoENOSYS = seccomp.ActionErrno | seccomp.Action(unix.ENOSYS)

// FilterSupported returns an error if the kernel has no filters of system calls.
func FilterSupported() error {
	if !seccomp.Supported() {
		return errors.New("the kernel was built without seccomp filters")
	}
	return nil
}

// installFilters installs the filters for all threads of the process, and no_new_privs with the
// first one ever.
func installFilters(policies []seccomp.Policy) error {
	goruntime.LockOSThread() // no_new_privs and the filter belong to the same thread
	defer goruntime.UnlockOSThread()
	for _, policy := range policies {
		set, err := unix.PrctlRetInt(unix.PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0)
		filter := seccomp.Filter{NoNewPrivs: err == nil && set == 0, Flag: seccomp.FilterFlagTSync, Policy: policy}
		if err := seccomp.LoadFilter(filter); err != nil {
			return fmt.Errorf("seccomp: %w", err)
		}
	}
	return nil
}

// buildFilters returns the filters of the first stage.
func buildFilters(plan Plan) []seccomp.Policy {
	names := append(append([]string{}, permitted...), untilSealed...)
	if plan.Sockets {
		names = append(names, sockets...)
	}
	list := seccomp.Policy{DefaultAction: seccomp.ActionErrno, Syscalls: []seccomp.SyscallGroup{
		{Names: known(names), Action: seccomp.ActionAllow},
		{Names: known(insteadOld), Action: errnoENOSYS},
	}}
	policies := []seccomp.Policy{
		list,
		// A thread of this process, and not a new process.
		refuse("clone", seccomp.Condition{Argument: 0, Operation: seccomp.BitsNotSet, Value: unix.CLONE_THREAD}),
		refuse("clone", seccomp.Condition{Argument: 0, Operation: seccomp.BitsSet, Value: namespaces}),
		refuse("tgkill", seccomp.Condition{Argument: 0, Operation: seccomp.NotEqual, Value: uint64(os.Getpid())}),
		// The kernel uses the lower 32 bits of the request, but Equal compares all of them.
		refuse("ioctl", seccomp.Condition{Argument: 1, Operation: seccomp.GreaterThan, Value: math.MaxUint32}),
		refuse("ioctl", seccomp.Condition{Argument: 1, Operation: seccomp.Equal, Value: unix.TIOCSTI}),
		refuse("ioctl", seccomp.Condition{Argument: 1, Operation: seccomp.Equal, Value: unix.TIOCLINUX}),
	}
	if plan.Sockets {
		policies = append(policies, refuse("socket",
			seccomp.Condition{Argument: 0, Operation: seccomp.NotEqual, Value: unix.AF_INET},
			seccomp.Condition{Argument: 0, Operation: seccomp.NotEqual, Value: unix.AF_INET6},
			seccomp.Condition{Argument: 0, Operation: seccomp.NotEqual, Value: unix.AF_UNIX}))
	}
	return policies
}

// sealFilters returns the filters of the second stage.
func sealFilters() []seccomp.Policy {
	executable := seccomp.Condition{Argument: 2, Operation: seccomp.BitsSet, Value: unix.PROT_EXEC}
	policies := []seccomp.Policy{
		refuse("mmap", executable), refuse("mprotect", executable),
		// Go names its memory areas; the other value is that of installFilters.
		refuse("prctl", seccomp.Condition{Argument: 0, Operation: seccomp.NotEqual, Value: unix.PR_SET_VMA},
			seccomp.Condition{Argument: 0, Operation: seccomp.NotEqual, Value: unix.PR_GET_NO_NEW_PRIVS}),
	}
	rest := []string{}
	for _, name := range untilSealed {
		if name != "prctl" {
			rest = append(rest, name)
		}
	}
	// The last one, because it refuses further filters.
	return append(policies, seccomp.Policy{DefaultAction: seccomp.ActionAllow, Syscalls: []seccomp.SyscallGroup{
		{Names: known(rest), Action: seccomp.ActionErrno},
	}})
}

// refuse returns a filter that refuses a system call if all conditions hold, and permits all
// others.
func refuse(name string, conditions ...seccomp.Condition) seccomp.Policy {
	return seccomp.Policy{DefaultAction: seccomp.ActionAllow, Syscalls: []seccomp.SyscallGroup{{
		NamesWithCondtions: []seccomp.NameWithConditions{{Name: name, Conditions: conditions}},
		Action:             seccomp.ActionErrno,
	}}}
}

// known returns the names of the system calls that this processor's interface has.
func known(names []string) []string {
	info, err := arch.GetInfo("")
	if err != nil {
		return nil // LoadFilter reports it
	}
	var all []string
	for _, name := range names {
		if _, ok := info.SyscallNames[name]; ok {
			all = append(all, name)
		}
	}
	return all
}
