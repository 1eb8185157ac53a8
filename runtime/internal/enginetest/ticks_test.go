package enginetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// tickingModule returns a module whose checks of a counter call the host function tick, in the form
// that cmd/dist's engine makes out of line (engine/patches, 25), and functions that keep many values
// in registers over such checks.
func tickingModule(amount int32) (m *module, names []string) {
	m = &module{minPages: 1, maxPages: 1, globals: [][]byte{cat([]byte{i32, 1}, constant(i32, uint64(amount)), []byte{0x0b})}}
	refilling := m.function("", nil, nil, nil, refill(0, amount))
	read := []byte{0x23, 0}
	for _, price := range []uint64{0, 1, 7, 127, 128, 40000, 1<<32 - 1, 1<<32 - 300} {
		check := burn(0, refilling, price)
		add := func(kind string, locals, body []byte) {
			name := fmt.Sprintf("%s, price %d", kind, int32(price))
			m.function(name, []byte{i32, i32}, []byte{i64}, locals, body)
			names = append(names, name)
		}
		add("integers", slices.Repeat([]byte{i64}, 40), liveOver(40, check))
		add("counter", nil, cat(read, check, read, check, read, []byte{0x6a, 0x73, 0xac}))
		add("leaf", nil, cat(check, get(0), []byte{0xac}))
		add("loop", []byte{i64, f64, v128}, loopWith(check))
	}
	return m, names
}

// burn returns a check of the counter in a global, as wasmbin inserts them.
func burn(counter, refill uint32, price uint64) []byte {
	get, set := append([]byte{0x23}, leb(uint64(counter))...), append([]byte{0x24}, leb(uint64(counter))...)
	return cat(get, constant(i32, price), []byte{0x6b}, set, get, constant(i32, 0), []byte{0x48, 0x04, 0x40}, call(refill), []byte{0x0b})
}

// refill returns the body of the function that a check calls.
func refill(counter uint32, amount int32) []byte {
	return cat(constant(i32, uint64(amount)), []byte{0x24}, leb(uint64(counter)), call(tickFunction))
}

// liveOver returns a function that keeps n integers alive over the code.
func liveOver(n int, code []byte) (body []byte) {
	const first = 2
	for i := range n {
		body = cat(body, get(0), []byte{0xad}, constant(i64, uint64(i)*0x9e3779b97f4a7c15), []byte{0x85}, set(first+i))
	}
	body = cat(body, code, constant(i64, 1))
	for i := range n {
		body = cat(body, constant(i64, 31), []byte{0x7e}, get(first+i), []byte{0x7c})
	}
	return body
}

// loopWith returns a function that repeats the code as often as the first parameter says, at most 999
// times, while it changes an integer, a float and a vector.
func loopWith(code []byte) []byte {
	const integer, float, vector = 2, 3, 4
	splat, add, lane := []byte{0xfd, 0x12}, []byte{0xfd, 0xce, 1}, []byte{0xfd, 0x1d, 0}
	return cat(get(0), constant(i32, 1000), []byte{0x70}, set(0), []byte{0x03, 0x40}, code,
		get(integer), constant(i64, 3), []byte{0x7e}, get(0), []byte{0xad, 0x7c}, set(integer),
		get(float), constant(f64, 0x3ff8000000000000), []byte{0xa0}, set(float),
		get(vector), get(integer), splat, add, set(vector),
		get(0), constant(i32, 1), []byte{0x6b}, tee(0), constant(i32, 0), []byte{0x4a, 0x0d, 0, 0x0b},
		get(integer), get(float), []byte{0xb0, 0x7c}, get(vector), lane, []byte{0x85})
}

// TestTicks compares the results, the counters, and the numbers of ticks.
func TestTicks(t *testing.T) {
	all := engines(t)
	for _, amount := range []int32{1, 100, 1 << 30} {
		m, names := tickingModule(amount)
		p := compile(t, all, m).instantiate(t)
		for _, name := range names {
			for _, n := range []uint64{1, 2, 77, 999} {
				p.call(t, name, n, 0)
			}
			p.compareState(t, len(m.globals)) // tick writes their number into the memory
			if t.Failed() {
				t.Fatalf("amount %d", amount)
			}
		}
		if ticks := tickCounts(all); amount < 1000 && ticks[0] == 0 || len(slices.Compact(ticks)) != 1 {
			t.Errorf("amount %d: %d ticks", amount, ticks)
		}
	}
}

// TestTickEndsCall checks that a panic of the host function ends the call, and that the instance can
// be used afterwards.
func TestTickEndsCall(t *testing.T) {
	all := engines(t)
	m, names := tickingModule(1)
	p := compile(t, all, m).instantiate(t)
	for _, name := range names {
		if !strings.Contains(name, "price 7") {
			continue
		}
		for _, limit := range []int{1, 3, 50} {
			for _, e := range all {
				*e.ticks = ticks{limit: limit}
			}
			if o := p.call(t, name, 999, 0); limit == 1 && !strings.Contains(o.err, errTicks.Error()) {
				t.Errorf("%s ended with %v", name, o)
			}
			p.compareState(t, len(m.globals))
		}
	}
}

func tickCounts(all []engine) (counts []int) {
	for _, e := range all {
		counts = append(counts, e.ticks.count)
	}
	return counts
}
