package runtime

import (
	"context"
	"errors"
	"fmt"

	"tabcell/runtime/internal/guest"

	"github.com/tetratelabs/wazero/api"
)

// Attempts let a guest catch the C++ exceptions of a library that it contains. WebAssembly without
// exception handling cannot unwind its own stack, so the host does it: attempt calls the guest's
// export of that name, and throw ends that call with a panic. The guest's memory stays as it is, so
// that only the guest can know whether the library is still usable.

// maxAttempts is the maximum depth of nested attempts: a call of a library, and one more in a
// callback of it. Each attempt has a call stack of its own outside of the cell's memory, which grows
// by doubling until it exceeds the 50 MB of the engine's limit, and is garbage after the attempt.
const maxAttempts = 2

var errThrown = errors.New("exception in native code")

// The results of attempt.
const (
	attemptReturned = 0
	attemptThrown   = 1
	attemptTooDeep  = 2
)

// attempt() calls the guest's export Attempt. It returns attemptReturned if the export has returned,
// attemptThrown if it has called throw, and attemptTooDeep if it was not called, because there are
// maxAttempts. Any other end of the guest, such as a trap or the deadline, ends the call.
func attempt(ctx context.Context, m api.Module, stack []uint64) {
	c, f := callOf(ctx), m.ExportedFunction(guest.Attempt)
	if f == nil {
		panic(&stop{fmt.Errorf("%w: the guest has no function for attempts", ErrCrash)})
	}
	if c.attempts == maxAttempts {
		stack[0] = attemptTooDeep
		return
	}
	c.attempts++
	_, err := f.Call(ctx)
	c.attempts--
	stack[0] = attemptReturned
	if errors.Is(err, errThrown) {
		stack[0] = attemptThrown
	} else if err != nil {
		endGuest(err)
	}
}

// endGuest panics with the error of a nested call.
func endGuest(err error) {
	var s *stop
	if errors.As(err, &s) {
		panic(s)
	}
	panic(err)
}

// throw() ends the innermost attempt. Outside of attempts it stops the guest.
func throw(c *call, _ guest.Memory, _ []uint64) {
	if c.attempts == 0 {
		panic(&stop{fmt.Errorf("%w: %w", ErrCrash, errThrown)})
	}
	panic(errThrown)
}
