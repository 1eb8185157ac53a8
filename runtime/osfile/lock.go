package osfile

import "errors"

// ErrLocked is the error of Lock if another process has the lock.
var ErrLocked = errors.New("another process has locked the file")
