package wasmbin

import "fmt"

// dispatchers are the functions that replace the table.
type dispatchers struct {
	a     *additions
	slots map[signature][]slot
	of    map[signature]uint32 // index of the dispatcher by signature of the calls
	order []signature          // in the order of their first occurrence in the code
}

// addDispatchers returns the dispatchers of a module. A dispatcher is created for each signature
// that occurs in an indirect call; other slots are unreachable and get no code.
func (a *additions) addDispatchers(slots []slot) *dispatchers {
	d := &dispatchers{a: a, slots: map[signature][]slot{}, of: map[signature]uint32{}}
	for _, s := range slots {
		sig := a.m.signature(s.function)
		d.slots[sig] = append(d.slots[sig], s)
	}
	return d
}

// dispatcherFor returns the dispatcher for calls of a function type. Its parameters are the
// operands of call_indirect in their order: the arguments, then the slot.
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

// maxDispatch limits the size of all dispatchers in bytes, which is proportional to the number of
// slots times the number of parameters. A guest with 16,000 slots needs an eighth of it.
const maxDispatch = 32 << 20

// write sets the bodies of the dispatchers.
func (d *dispatchers) write(stats *Stats) error {
	size := 0 // upper bound
	for _, s := range d.order {
		size += len(d.slots[s]) * (maxSpread*maxIndexBytes + (len(s.params)+4)*(1+maxIndexBytes))
	}
	if size > maxDispatch {
		return fmt.Errorf("the dispatchers of %d signatures could take %d bytes, the limit is %d", len(d.order), size, maxDispatch)
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

// arguments returns code that pushes all parameters of a function with the given signature.
func arguments(s signature) (b []byte) {
	for i := range len(s.params) {
		b = appendU32(append(b, opLocalGet), uint32(i))
	}
	return b
}
