package registry

import (
	"errors"
	"fmt"
)

// The errors of changes and lookups. Errors that wrap them add the endpoint, the limit or the
// cause.
var (
	ErrExists   = errors.New("an endpoint of that name already exists")
	ErrNotFound = errors.New("there is no endpoint of that name")
	//lint:ignore ST1005 TabPy's sentence
	ErrInvalidName = errors.New("endpoint name can only contain: a-z, A-Z, 0-9, underscore, hyphens and spaces.")
	//lint:ignore ST1005 TabPy's sentence
	ErrInvalidTarget = errors.New("target endpoint is not valid.")
	ErrInUse         = errors.New("other endpoints depend on it")
	ErrTooLarge      = errors.New("too large")
	ErrTooMany       = errors.New("too many endpoints")
	ErrDamaged       = errors.New("the model's file is damaged or missing")
	ErrLocked        = errors.New("another process has the registry open")
	ErrReadOnly      = errors.New("the registry is open for reading only")
	ErrReplicated    = errors.New("the folder belongs to a node of a cluster; make the change through its running server")
	ErrClosed        = errors.New("the registry is closed")
	ErrInvalid       = errors.New("invalid deployment")
)

// StorageError reports that a file operation failed, for example because the disk is full or broken
// or because of missing permissions. The registry is as it was before, unless Unclear is set.
type StorageError struct {
	Step    string // the operation, for example "write the model's code"
	Err     error
	Unclear bool // undoing failed too: the next Open finds the change either complete or absent
}

func (e *StorageError) Error() string {
	if e.Unclear {
		return fmt.Sprintf("the registry could not %s, nor undo the change: %v", e.Step, e.Err)
	}
	return fmt.Sprintf("the registry could not %s, and nothing was changed: %v", e.Step, e.Err)
}

func (e *StorageError) Unwrap() error { return e.Err }
