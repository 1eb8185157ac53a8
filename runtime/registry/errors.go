package registry

import (
	"errors"
	"fmt"
)

// What can be wrong with a change or a question. Each is told apart with errors.Is; the texts around them name the endpoint.
var (
	ErrExists        = errors.New("an endpoint of that name exists already")
	ErrNotFound      = errors.New("there is no endpoint of that name")
	ErrInvalidName   = errors.New("endpoint name can only contain: a-z, A-Z, 0-9, underscore, hyphens and spaces.") //nolint:staticcheck // TabPy's sentence
	ErrInvalidTarget = errors.New("target endpoint is not valid.")                                                  //nolint:staticcheck // likewise
	ErrInUse         = errors.New("other endpoints depend on it")
	ErrTooLarge      = errors.New("it is larger than it may be")
	ErrTooMany       = errors.New("there are as many endpoints as there may be")
	ErrDamaged       = errors.New("the file of the model is damaged or missing")
	ErrLocked        = errors.New("another process has the registry open")
	ErrReadOnly      = errors.New("the registry is open for reading only")
	ErrClosed        = errors.New("the registry is closed")
	ErrInvalid       = errors.New("it cannot be deployed")
)

// StorageError is a file operation that failed, for want of space or rights or by a broken disk. What was there before is there still.
type StorageError struct {
	Step    string // what could not be done
	Err     error
	Unclear bool // taking it back failed as well: only the next start will tell whether the change was made, whole, or not
}

func (e *StorageError) Error() string {
	if e.Unclear {
		return fmt.Sprintf("the registry could not %s, nor take that back: %v", e.Step, e.Err)
	}
	return fmt.Sprintf("the registry could not %s, and nothing was changed: %v", e.Step, e.Err)
}

func (e *StorageError) Unwrap() error { return e.Err }
