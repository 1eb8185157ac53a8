package wasmbin

import "fmt"

// fuel has the code of the fuel checks, with which deadlines are enforced.
type fuel struct {
	name  string                    // export name of the counter
	check []byte                    // code of a check with price 1; empty without fuel
	burn  func(price []byte) []byte // returns the code of a check; price is code that pushes an i32

	copying, filling uint32 // functions that replace memory.copy and memory.fill
}

// addFuel adds the counter and a function that refills it and calls tick. A check is then only a
// decrement, a comparison, and a call that is rarely made. The index of the counter is higher than
// all indices that the module's own code may use.
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
	refillFunc := a.function(signature{}, refill(counter, o.Fuel, tick))
	f.burn = func(price []byte) []byte { return burn(counter, refillFunc, price) }
	f.check = f.burn([]byte{opI32Const, 1})
	if len(a.m.memories) > 0 { // without a memory there are no bulk instructions
		f.copying, f.filling = a.addBulk(f.burn)
	}
	return f, nil
}

// bulk returns the function that replaces a bulk instruction, or false if none does.
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

// tick returns the index of the imported function that is called when the fuel is used up.
func (m *module) tick(module, name string) (uint32, error) {
	for _, d := range m.imports {
		if d.module != module || d.name != name || d.kind != KindFunc {
			continue
		}
		if s := m.signature(d.index); s != (signature{}) {
			return 0, fmt.Errorf("the tick function %q.%q has type %s, want () -> ()", module, name, s)
		}
		return d.index, nil
	}
	return 0, fmt.Errorf("the tick function %q.%q is not imported", module, name)
}

// refill returns the code of: counter = amount; tick().
func refill(counter uint32, amount int32, tick uint32) []byte {
	b := appendI32([]byte{opI32Const}, amount)
	b = appendU32(append(b, opGlobalSet), counter)
	return append(appendU32(append(b, opCall), tick), opEnd)
}

// burn returns the code of: counter -= price; if counter < 0 { refill() }. The price is code that
// pushes an i32. Reading the counter again costs nothing in a compiler that forwards the value just
// written, and needs no local variable; keeping the counter in a local variable was not faster.
func burn(counter, refill uint32, price []byte) []byte {
	b := appendU32([]byte{opGlobalGet}, counter)
	b = append(b, price...)
	b = appendU32(append(b, opI32Sub, opGlobalSet), counter)
	b = appendU32(append(b, opGlobalGet), counter)
	b = append(b, opI32Const, 0, opI32LtS, opIf, noResult)
	return append(appendU32(append(b, opCall), refill), opEnd)
}
