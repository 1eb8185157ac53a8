package guest

import (
	"errors"
	"fmt"
)

// signalsBit is _PY_SIGNALS_PENDING_BIT of CPython's eval breaker. If it is set, the interpreter
// handles signals before the next instruction.
const signalsBit = 1 << 1

// Interruption has the addresses of the interrupt words, which are the same in every copy of the
// image.
type Interruption struct{ flag, breaker uint32 }

// ReadInterruption reads the two addresses at p. It returns an error unless both words are inside
// the memory.
func ReadInterruption(mem Memory, p uint32) (Interruption, error) {
	flag, ok1 := mem.Uint32(p)
	breaker, ok2 := mem.Uint32(p + 4)
	if !ok1 || !ok2 {
		return Interruption{}, fmt.Errorf("guest: the interrupt addresses at %#x are outside the memory", p)
	}
	_, ok1 = mem.Uint32(flag)
	_, ok2 = mem.Uint32(breaker)
	if !ok1 || !ok2 || flag == 0 || breaker == 0 {
		return Interruption{}, errors.New("guest: the interrupt words are outside the memory")
	}
	return Interruption{flag, breaker}, nil
}

// InterruptionAt returns the Interruption with the given addresses, which come from Words.
func InterruptionAt(words [2]uint32) Interruption { return Interruption{words[0], words[1]} }

// Words returns the addresses of the flag and of the eval breaker.
func (i Interruption) Words() [2]uint32 { return [2]uint32{i.flag, i.breaker} }

// Raise makes the interpreter raise a time-out exception at its next safe point. It must be called
// while the guest is inside a host function. If the script has damaged its own interpreter, there
// may be no exception; the second stage of the deadline does not depend on the guest's memory.
func (i Interruption) Raise(mem Memory) {
	if v, ok := mem.Uint32(i.breaker); ok {
		mem.PutUint32(i.breaker, v|signalsBit)
		mem.PutUint32(i.flag, 1)
	}
}
