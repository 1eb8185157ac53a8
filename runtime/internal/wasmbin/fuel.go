package wasmbin

import "fmt"

// fuel is the deadline check.
type fuel struct {
	name  string                    // of the exported counter
	check []byte                    // the code of one check; empty without fuel
	burn  func(price []byte) []byte // a check with a price, code for an i32

	copying, filling uint32 // the functions in place of memory.copy and memory.fill
}

// addFuel adds the counter and a function that fills it up and calls tick, so that a check in the code is no more than a decrement,
// a comparison and a call that is rarely taken. The counter is below every index that the module's own code may name.
func (a *additions) addFuel(o Options) (f fuel, err error) {
	if o.Fuel == 0 {
		return fuel{}, nil
	}
	tick, err := a.m.tick(o.TickModule, o.TickName)
	if err != nil {
		return fuel{}, err
	}
	counter := a.counter(o.Fuel)
	if f.name, err = a.export("fuel", KindGlobal, counter); err != nil {
		return fuel{}, err
	}
	full := a.function(signature{}, refill(counter, o.Fuel, tick))
	f.burn = func(price []byte) []byte { return burn(counter, full, price) }
	f.check = f.burn([]byte{opI32Const, 1})
	if len(a.m.memories) > 0 { // without a memory there is nothing to move
		f.copying, f.filling = a.addBulk(f.burn)
	}
	return f, nil
}

// bulk is the function in place of a bulk instruction.
func (f fuel) bulk(sub uint32) (function uint32, ok bool) {
	switch {
	case len(f.check) == 0, f.filling == 0:
		return 0, false
	case sub == bulkCopy:
		return f.copying, true
	case sub == bulkFill:
		return f.filling, true
	}
	return 0, false
}

// tick finds the imported function that is called when fuel runs out.
func (m *module) tick(module, name string) (uint32, error) {
	for _, d := range m.imports {
		if d.module != module || d.name != name || d.kind != KindFunc {
			continue
		}
		if s := m.signature(d.index); s != (signature{}) {
			return 0, fmt.Errorf("the tick function %q.%q is %s, not () -> ()", module, name, s)
		}
		return d.index, nil
	}
	return 0, fmt.Errorf("the tick function %q.%q is not imported", module, name)
}

// refill: counter = amount; tick().
func refill(counter uint32, amount int32, tick uint32) []byte {
	b := appendI32([]byte{opI32Const}, amount)
	b = appendU32(append(b, opGlobalSet), counter)
	return append(appendU32(append(b, opCall), tick), opEnd)
}

// burn: counter -= price; if counter < 0 { refill() }, where price is code for an i32. Reading the counter again is free in a compiler
// that knows what was just written, and needs no local variable: counting in one was no faster.
func burn(counter, refill uint32, price []byte) []byte {
	b := appendU32([]byte{opGlobalGet}, counter)
	b = append(b, price...)
	b = appendU32(append(b, opI32Sub, opGlobalSet), counter)
	b = appendU32(append(b, opGlobalGet), counter)
	b = append(b, opI32Const, 0, opI32LtS, opIf, noResult)
	return append(appendU32(append(b, opCall), refill), opEnd)
}
