package wasmbin

import "fmt"

// dispatchers takes the place of the table.
type dispatchers struct {
	a     *additions
	slots map[signature][]slot
	of    map[signature]uint32 // the dispatcher's function, by the signature of the calls
	order []signature          // as first met in the code
}

// addDispatchers prepares for the indirect calls of a module. An entry that no call can reach gets no code.
func (a *additions) addDispatchers(slots []slot) *dispatchers {
	d := &dispatchers{a: a, slots: map[signature][]slot{}, of: map[signature]uint32{}}
	for _, s := range slots {
		sig := a.m.signature(s.function)
		d.slots[sig] = append(d.slots[sig], s)
	}
	return d
}

// function is the dispatcher for calls of a type. It takes the operands of call_indirect as they lie: the arguments, then the slot.
func (d *dispatchers) dispatcherFor(typ uint32) uint32 {
	s := d.a.m.types[typ]
	f, ok := d.of[s]
	if !ok {
		f = d.a.function(signature{s.params + string([]byte{typeI32}), s.results}, nil)
		d.of[s] = f
		d.order = append(d.order, s)
	}
	return f
}

// maxDispatch bounds the code of all dispatchers, since a wide signature multiplies with its slots. A guest of 16 000 slots needs a
// twentieth of it.
const maxDispatch = 32 << 20

// write gives the dispatchers their bodies.
func (d *dispatchers) write(stats *Stats) error {
	most := 0
	for _, s := range d.order {
		most += len(d.slots[s]) * (maxSpread*maxIndexBytes + (len(s.params)+4)*(1+maxIndexBytes))
	}
	if most > maxDispatch {
		return fmt.Errorf("the dispatchers of %d signatures could take %d bytes, at most %d are allowed", len(d.order), most, maxDispatch)
	}
	for _, s := range d.order {
		b := branches{args: arguments(s), params: uint32(len(s.params))}
		b.branch(d.slots[s])
		d.a.setBody(d.of[s], append(b.code, opEnd))
		stats.Dispatched += len(d.slots[s])
		stats.JumpSlots += b.jumpSlots
	}
	stats.Dispatchers = len(d.order)
	return nil
}

// arguments is code that pushes all parameters of a signature.
func arguments(s signature) (b []byte) {
	for i := range len(s.params) {
		b = appendU32(append(b, opLocalGet), uint32(i))
	}
	return b
}
