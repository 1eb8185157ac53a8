//go:build linux && (amd64 || arm64)

package confine

import (
	"errors"
	"fmt"

	"github.com/landlock-lsm/go-landlock/landlock"
	ll "github.com/landlock-lsm/go-landlock/landlock/syscall"
	"golang.org/x/sys/unix"
)

const (
	// minLandlock is the first version of Landlock's interface that lets a file be renamed into
	// another folder, which the registry does.
	minLandlock = 2 // Linux 5.19
	// portsLandlock is the first version that restricts TCP ports.
	portsLandlock = 4 // Linux 6.7
)

// LandlockABI returns the version of Landlock's interface, or an error if Landlock is missing or
// too old.
func LandlockABI() (int, error) {
	abi, err := ll.LandlockGetABIVersion()
	switch {
	case errors.Is(err, unix.EOPNOTSUPP):
		return 0, errors.New("the kernel has Landlock disabled; add landlock to the kernel parameter lsm=")
	case err != nil:
		return 0, fmt.Errorf("the kernel does not offer Landlock (%w): it is older than 5.13 or was built without it, or the seccomp profile of a container forbids it", err)
	case abi < minLandlock:
		return abi, fmt.Errorf("the kernel has version %d of Landlock's interface, but version %d is needed (Linux 5.19)", abi, minLandlock)
	}
	return abi, nil
}

// portsError returns the reason why TCP ports cannot be restricted, or nil.
func portsError(abi int, err error) error {
	if err == nil && abi < portsLandlock {
		err = fmt.Errorf("the kernel has version %d of Landlock's interface, but version %d is needed (Linux 6.7)", abi, portsLandlock)
	}
	return err
}

// The rights of a file may be given for a folder, but not the other way round.
const (
	readFile   landlock.AccessFSSet = ll.AccessFSReadFile
	readFolder                      = readFile | ll.AccessFSReadDir
	// writeLogs lacks the right to read: the server never reads its log.
	writeLogs = ll.AccessFSReadDir | ll.AccessFSWriteFile | ll.AccessFSTruncate |
		ll.AccessFSMakeReg | ll.AccessFSRemoveFile | ll.AccessFSRefer
	writeFolder = readFolder | writeLogs | ll.AccessFSMakeDir | ll.AccessFSRemoveDir
)

// restrictAccess restricts all threads to the files and ports of the plan, and their signals to
// this process. If sealed is set, the folders of Plan.Prepare can only be read.
func restrictAccess(plan Plan, sealed bool) error {
	if _, err := LandlockABI(); err != nil {
		return err
	}
	prepare := writeFolder
	if sealed {
		prepare = readFolder
	}
	var rules []landlock.Rule
	add := func(access landlock.AccessFSSet, paths []string) {
		for _, path := range paths {
			if rule, ok := ruleFor(path, access); ok {
				rules = append(rules, rule)
			}
		}
	}
	add(readFolder, plan.Read)
	add(writeFolder, plan.Write)
	add(prepare, plan.Prepare)
	add(writeLogs, plan.Logs)
	for _, port := range plan.Connect {
		rules = append(rules, landlock.ConnectTCP(port))
	}
	return landlock.V8.BestEffort().Restrict(rules...)
}

// ruleFor returns the rule for one path. It reports false if the path does not exist.
func ruleFor(path string, access landlock.AccessFSSet) (landlock.Rule, bool) {
	var info unix.Stat_t
	if unix.Stat(path, &info) != nil {
		return nil, false
	}
	if info.Mode&unix.S_IFMT != unix.S_IFDIR {
		access &= ll.AccessFSReadFile | ll.AccessFSWriteFile | ll.AccessFSTruncate
	}
	return landlock.PathAccess(access, path).IgnoreIfMissing(), true
}
