package guest

import (
	"errors"
	"fmt"
)

// signalsBit is bit 1 of CPython's eval breaker, _PY_SIGNALS_PENDING_BIT: look at signals before the next instruction.
const signalsBit = 1 << 1

// Interruption knows where the interrupt words are. They stay there in every copy of the image.
type Interruption struct{ flag, breaker uint32 }

// ReadInterruption reads the two addresses at p and checks that both words are inside the memory.
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

// InterruptionAt is the interruption whose Words these are.
func InterruptionAt(words [2]uint32) Interruption { return Interruption{words[0], words[1]} }

// Words are the addresses of the flag and of the breaker.
func (i Interruption) Words() [2]uint32 { return [2]uint32{i.flag, i.breaker} }

// Raise makes the interpreter raise its time limit at the next safe point. It is called while the guest stands still in a host
// function. A script that damaged its own interpreter loses only the exception: the deadline's second stage needs no memory.
func (i Interruption) Raise(mem Memory) {
	if v, ok := mem.Uint32(i.breaker); ok {
		mem.PutUint32(i.breaker, v|signalsBit)
		mem.PutUint32(i.flag, 1)
	}
}
