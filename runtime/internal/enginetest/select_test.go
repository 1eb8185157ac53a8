package enginetest

import (
	"slices"
	"testing"

	_ "tabcell/runtime/internal/enginefix"
)

// selections lists, for each type, the instructions that make it from an i64, double it, and make an
// i64 from it again.
var selections = map[string]struct {
	typ                byte
	from, double, back []byte
}{
	"i32":  {i32, []byte{0xa7}, []byte{0x6a}, []byte{0xad}},
	"i64":  {i64, nil, []byte{0x7c}, nil},
	"f32":  {f32, []byte{0xb4}, []byte{0x92}, []byte{0xae}},
	"f64":  {f64, []byte{0xb9}, []byte{0xa0}, []byte{0xb0}},
	"v128": {v128, []byte{0xfd, 18}, []byte{0xfd, 0xce, 1}, []byte{0xfd, 29, 0}}, // i64x2
}

// TestSelections selects between a value from before a call, which has to be loaded again, and the
// result of the call. The condition is a comparison, or a value of its own.
func TestSelections(t *testing.T) {
	all := engines(t)
	m := &module{minPages: 1, maxPages: 1}
	var names []string
	for name, s := range selections {
		double := m.function("", []byte{s.typ}, []byte{s.typ}, nil, slices.Concat([]byte{0x20, 0, 0x20, 0}, s.double))
		for kind, condition := range map[string][]byte{"comparison": {0x20, 1, 0x41, 1, 0x46}, "value": {0x20, 1}} {
			for order, operands := range map[string][]byte{"before first": {0x20, 2, 0x20, 3}, "before second": {0x20, 3, 0x20, 2}} {
				call := append([]byte{0x20, 2, 0x10}, leb(uint64(double))...)
				body := slices.Concat([]byte{0x20, 0}, s.from, []byte{0x21, 2}, call, []byte{0x21, 3}, operands, condition, []byte{0x1c, 1, s.typ}, s.back)
				name := name + ", " + kind + ", " + order
				m.function(name, []byte{i64, i32}, []byte{i64}, []byte{s.typ, s.typ}, body)
				names = append(names, name)
			}
		}
	}
	p := compile(t, all, m).instantiate(t)
	for _, name := range names {
		for _, condition := range []uint64{0, 1, 2} {
			if o := p.call(t, name, 21, condition); o.err != "" {
				t.Errorf("%s, condition %d: %v", name, condition, o)
			}
		}
	}
}
