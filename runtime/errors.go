package runtime

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Reasons why a call ends without a response of its script. Test for them with errors.Is.
// errors.Is(err, context.DeadlineExceeded) also holds for ErrTimeout.
var (
	ErrTimeout error = timeoutError{}
	ErrMemory        = errors.New("the script exceeded its memory limit")
	ErrOutput        = errors.New("the script's response exceeded its size limit")
	ErrBusy          = errors.New("all cells are busy and the queue is full")
	ErrClosed        = errors.New("the engine is closed")
	// ErrPreparing means that a guest that the call needs is still being compiled or loaded.
	ErrPreparing = errors.New("the Python guest is being prepared")
	// ErrCrash means that the guest trapped. Its cell was discarded; either the script or tabcell
	// is at fault. Other calls are not affected.
	ErrCrash = errors.New("the script's cell crashed")
)

type timeoutError struct{}

func (timeoutError) Error() string { return "the script exceeded its time limit" }
func (timeoutError) Unwrap() error { return context.DeadlineExceeded }

// withValue adds to the error of an exceeded limit its value and the setting that changes it. It
// returns other errors unchanged.
func (l Limits) withValue(err error) error {
	switch err {
	case ErrTimeout:
		return fmt.Errorf("%w of %v (TABCELL_EVALUATE_TIMEOUT)", err, l.Timeout)
	case ErrMemory:
		return fmt.Errorf("%w of %d MB (TABCELL_MEMORY_LIMIT_MB)", err, l.Memory>>20)
	case ErrOutput:
		return fmt.Errorf("%w of %d MB (TABCELL_OUTPUT_LIMIT_MB)", err, l.Output>>20)
	}
	return err
}

// whileWaiting is withValue for a call whose time was over before it had a cell.
func (l Limits) whileWaiting(err error) error {
	if err == ErrTimeout {
		return fmt.Errorf("%w before it could run; the server is busy", l.withValue(err))
	}
	return err
}

// BusyError is an ErrBusy that says when to try again.
type BusyError struct {
	RetryAfter time.Duration
	Owner      string // key of the owner whose part of the queue is full; "" if the queue is
	Share      int    // with Owner: the number of the owner's calls that may wait
}

func (e *BusyError) Error() string {
	if e.Owner != "" {
		return fmt.Sprintf("%s has %d calls in the queue, the most that one owner may have", e.Owner, e.Share)
	}
	return ErrBusy.Error()
}

// Is reports whether target is ErrBusy.
func (e *BusyError) Is(target error) bool { return target == ErrBusy }

// PreparingError is an ErrPreparing with the time that is left.
type PreparingError struct {
	Guest string        // "" if it is unknown
	Left  time.Duration // estimated; 0 if it is unknown
}

func (e *PreparingError) Error() string {
	if e.Left == 0 {
		return ErrPreparing.Error()
	}
	return fmt.Sprintf("preparing the Python guest, about %d s left", e.Seconds())
}

// Seconds returns the time that is left in whole seconds, rounded up, or 0 if it is unknown.
func (e *PreparingError) Seconds() int { return seconds(e.Left) }

// seconds returns d in whole seconds, rounded up.
func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

// Is reports whether target is ErrPreparing.
func (e *PreparingError) Is(target error) bool { return target == ErrPreparing }

// Kind is the cause of a ScriptError, in TabPy's terms.
type Kind uint8

// The kinds, with the numbers that the guest uses (assets/guest/bridge.h).
const (
	KindScript     Kind = 1 // the script, its text or its result raised an exception
	KindEmpty      Kind = 2 // the body has no script
	KindData       Kind = 3 // data is not an object
	KindNames      Kind = 4 // the arguments are not named _arg1 to _argN
	KindNoResponse Kind = 5 // KeyError('response'): the queried endpoint did not respond
	KindTimeout    Kind = 6 // the script raised a TimeoutError of its own, or that of the deadline
	KindQueryBody  Kind = 7 // the body of a query is invalid
	KindQuery      Kind = 8 // a model raised an exception; if Class is empty, TabPy shows only Text
)

// The kinds of replies that are not errors.
const (
	kindValue Kind = 0 // JSON
	kindTable Kind = 9 // an Arrow IPC stream
)

// ScriptError is the exception that ended an evaluation, or the guest's refusal of a request.
type ScriptError struct {
	Kind      Kind
	Class     string // Python's class name, such as "ValueError"
	Text      string // str(exception)
	Line      int    // of the script, from 1; 0 if it is unknown
	Traceback string // Python's traceback with the frames of the script only
	// Limit is the limit that the exception reports as exceeded, ErrMemory or ErrCellLimit, or nil.
	// Text then names it.
	Limit error `json:"-"`
}

func (e *ScriptError) Error() string { return e.Class + " : " + e.Text }

// Is makes a TimeoutError that the script itself raised equal to an exceeded time limit, as TabPy
// does, and an exception about a limit equal to Limit.
func (e *ScriptError) Is(target error) bool {
	return e.Limit != nil && target == e.Limit ||
		e.Kind == KindTimeout && (target == ErrTimeout || target == context.DeadlineExceeded)
}
