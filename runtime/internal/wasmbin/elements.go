package wasmbin

import (
	"cmp"
	"fmt"
	"slices"
)

// slot is an index of the table and the function that lies there.
type slot struct{ index, function uint32 }

// slots decodes the element section: the table as it is after instantiation, in order of the index, without empty slots.
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

// element appends the slots of one segment. Its forms are numbered by bits: 1 not active, 2 with the number of the table, 4 expressions.
func (m *module) element(r *reader, slots []slot) []slot {
	kind := r.u32()
	switch {
	case kind > 7:
		r.fail("segments of form %d are unknown", kind)
	case kind&4 != 0:
		r.fail("segments of expressions are not allowed")
	case kind&1 != 0:
		r.fail("passive and declarative segments are not allowed")
	case kind&2 != 0 && r.u32() != 0:
		r.fail("several tables are not allowed")
	}
	at := uint64(r.offset())
	if kind&2 != 0 && r.u8() != 0 {
		r.fail("a segment of something else than functions")
	}
	n := r.count(1)
	if size := m.tableSize(); at+uint64(n) > size {
		r.fail("it ends at %d, the table has %d slots", at+uint64(n), size)
	}
	for ; n > 0 && r.err == nil; n-- {
		f := r.u32()
		if int64(f) >= int64(len(m.funcs)) {
			r.fail("function %d of %d", f, len(m.funcs))
		}
		slots = append(slots, slot{uint32(at), f})
		at++
	}
	return slots
}

func (m *module) tableSize() uint64 {
	if len(m.tables) == 0 {
		return 0
	}
	return uint64(m.tables[0].min)
}

// withoutOverwritten sorts slots by index; where segments overlapped, the later one stays.
func withoutOverwritten(slots []slot) []slot {
	slices.SortStableFunc(slots, func(a, b slot) int { return cmp.Compare(a.index, b.index) })
	kept := slots[:0]
	for i, s := range slots {
		if i+1 == len(slots) || slots[i+1].index != s.index {
			kept = append(kept, s)
		}
	}
	return kept
}
