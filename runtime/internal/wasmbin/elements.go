package wasmbin

import (
	"cmp"
	"fmt"
	"slices"
)

// slot is an index of the table and the function at that index.
type slot struct{ index, function uint32 }

// slots decodes the element section. It returns the table as it is after instantiation, sorted by
// index and without empty slots.
func (m *module) slots() ([]slot, error) {
	r := m.raw[secElement]
	var slots []slot
	for i := range m.items[secElement] {
		slots = m.element(&r, slots)
		if r.err != nil {
			return nil, fmt.Errorf("element segment %d: %w", i, r.err)
		}
	}
	return withoutOverwritten(slots), r.done()
}

// element appends the slots of one segment. The kind of a segment is a set of bits: 1 for not
// active, 2 for an explicit table index, 4 for expressions instead of function indices.
func (m *module) element(r *reader, slots []slot) []slot {
	kind := r.u32()
	switch {
	case kind > 7:
		r.fail("unknown kind %d of segment", kind)
	case kind&4 != 0:
		r.fail("segments with expressions are not allowed")
	case kind&1 != 0:
		r.fail("passive and declarative segments are not allowed")
	case kind&2 != 0 && r.u32() != 0:
		r.fail("multiple tables are not allowed")
	}
	at := uint64(r.offset())
	if kind&2 != 0 && r.u8() != 0 {
		r.fail("only segments of functions are allowed")
	}
	n := r.count(1)
	if size := m.tableSize(); at+uint64(n) > size {
		r.fail("the segment ends at %d, the table has %d slots", at+uint64(n), size)
	}
	for ; n > 0 && r.err == nil; n-- {
		f := r.u32()
		if int64(f) >= int64(len(m.funcs)) {
			r.fail("function %d is not defined (there are %d)", f, len(m.funcs))
		}
		slots = append(slots, slot{uint32(at), f})
		at++
	}
	return slots
}

// tableSize returns the number of slots of the table, or 0 if the module has none.
func (m *module) tableSize() uint64 {
	if len(m.tables) == 0 {
		return 0
	}
	return uint64(m.tables[0].min)
}

// withoutOverwritten sorts slots by index. If segments overlap, it keeps the slot of the later one.
func withoutOverwritten(slots []slot) []slot {
	slices.SortStableFunc(slots, func(a, b slot) int { return cmp.Compare(a.index, b.index) })
	result := slots[:0]
	for i, s := range slots {
		if i+1 == len(slots) || slots[i+1].index != s.index {
			result = append(result, s)
		}
	}
	return result
}
