package registry

import (
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/windows"
)

// checkPrivate and checkFolder rely on the access lists of the user's own profile, where the folder is by default.
func checkPrivate(string, fs.FileInfo) error { return nil }
func checkFolder(string, fs.FileInfo) error  { return nil }

// syncFolder: Windows has no such thing; its renames are in the file system's journal.
func syncFolder(*os.File) error { return nil }

// lock takes the lock, which goes with the process; ErrLocked when another one has it.
func lock(f *os.File) error {
	var overlapped windows.Overlapped
	err := windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &overlapped)
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return ErrLocked
	}
	return err
}
