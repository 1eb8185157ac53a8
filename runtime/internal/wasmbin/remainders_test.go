package wasmbin

import (
	"math"
	"testing"
)

// buildRemainders exports a function for each remainder instruction.
func buildRemainders(b *builder) {
	b.memory(0, 1)
	for op, r := range remainderOps {
		t := string([]byte{r.typ})
		b.export(remainderNames[op], KindFunc, b.function(b.typ(t+t, t), 0, get(0), get(1), []byte{op}))
	}
}

var remainderNames = map[byte]string{opI32RemS: "i32s", opI32RemU: "i32u", opI64RemS: "i64s", opI64RemU: "i64u"}

// TestReplaceRemainders compares the functions with the instructions, for operands of all signs and
// at the limits, among them those with which the instructions trap.
func TestReplaceRemainders(t *testing.T) {
	b := &builder{}
	buildRemainders(b)
	bin := b.bytes()
	p := prepareOrFail(t, bin, Options{ReplaceRemainders: true})
	if p.Stats.Remainders != len(remainderOps) {
		t.Errorf("%d remainders were replaced, want %d", p.Stats.Remainders, len(remainderOps))
	}
	if n := countRemainders(t, p.Code); n != 0 {
		t.Errorf("%d remainders are left", n)
	}
	var calls []invocation
	for op, name := range remainderNames {
		operands := []int64{0, 1, 2, 3, 7, 10, 1000, math.MaxInt32, math.MinInt32, math.MaxInt64, math.MinInt64, -1, -2, -3, -7, -1000}
		for _, x := range operands {
			for _, y := range operands {
				a := []uint64{uint64(x), uint64(y)}
				if remainderOps[op].typ == typeI32 {
					a = []uint64{uint64(uint32(x)), uint64(uint32(y))}
				}
				calls = append(calls, invoke(name, a...))
			}
		}
	}
	newMachine(t).compare(bin, p, calls)
}

// TestRemaindersStay checks that remainders are not replaced without the option.
func TestRemaindersStay(t *testing.T) {
	b := &builder{}
	buildRemainders(b)
	p := prepareOrFail(t, b.bytes(), Options{})
	if n := countRemainders(t, p.Code); n != len(remainderOps) || p.Stats.Remainders != 0 {
		t.Errorf("%d of %d remainders are left; %d were replaced", n, len(remainderOps), p.Stats.Remainders)
	}
}

// countRemainders returns the number of remainder instructions in a module.
func countRemainders(t *testing.T, bin []byte) (n int) {
	t.Helper()
	m, err := decode(bin)
	if err != nil {
		t.Fatal(err)
	}
	r := m.raw[secCode]
	for range m.items[secCode] {
		w := m.walk(r.part())
		w.locals()
		for w.next() {
			if _, ok := remainderOps[w.op]; ok {
				n++
			}
		}
	}
	return n
}
