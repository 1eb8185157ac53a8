package runtime

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// What can end a call besides its own answer. Each is told apart with errors.Is; limits also answer to the standard questions
// (errors.Is(err, context.DeadlineExceeded) holds for ErrTimeout).
var (
	ErrTimeout = fmt.Errorf("the script did not end within its time limit: %w", context.DeadlineExceeded)
	ErrMemory  = errors.New("the script needed more memory than it may have")
	ErrOutput  = errors.New("the script's answer is larger than it may be")
	ErrBusy    = errors.New("all cells are busy and the queue is full")
	ErrClosed  = errors.New("the engine is closed")
	// ErrCrash: the guest trapped. The cell is gone, nothing else is affected; the script's doing or a defect of ours.
	ErrCrash = errors.New("the script's cell broke down")
)

// BusyError is ErrBusy with the time after which trying again makes sense, and the reason when it is not the usual one.
type BusyError struct {
	RetryAfter time.Duration
	Reason     string
}

func (e *BusyError) Error() string {
	if e.Reason != "" {
		return e.Reason
	}
	return ErrBusy.Error()
}

func (e *BusyError) Is(target error) bool { return target == ErrBusy }

// Kind says whose fault a ScriptError is, in TabPy's terms.
type Kind uint8

// The kinds, numbered as the guest numbers them (assets/guest/bridge.c).
const (
	KindScript     Kind = 1 // the script, its text or its result raised: Class and Text say what
	KindEmpty      Kind = 2 // the body has no script
	KindData       Kind = 3 // data is no object
	KindNames      Kind = 4 // the arguments are not _arg1.._argN
	KindNoResponse Kind = 5 // KeyError('response'): the queried endpoint gave no answer
	KindTimeout    Kind = 6 // the script raised a TimeoutError of its own, or the deadline's
	KindQueryBody  Kind = 7 // a query's body is wrong: Class and Text say how
	KindQuery      Kind = 8 // a model or its result failed; Class may be empty, then Text is all that TabPy says
)

// ScriptError is an evaluation that ended by an exception, or a request that the guest refused.
type ScriptError struct {
	Kind      Kind
	Class     string // Python's class name, such as "ValueError"
	Text      string // str(exception)
	Line      int    // line of the script where it happened, from 1; 0 when not known
	Traceback string // Python's traceback, script frames only
}

func (e *ScriptError) Error() string { return e.Class + " : " + e.Text }

// Is lets a TimeoutError raised by the script itself answer as the time limit, as TabPy does.
func (e *ScriptError) Is(target error) bool {
	return e.Kind == KindTimeout && (target == ErrTimeout || target == context.DeadlineExceeded)
}
