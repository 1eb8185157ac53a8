package wasmbin

// maxPages is the number of pages of 64 KiB that 32-bit addresses can reach.
const maxPages = 1 << 16

type importDecl struct {
	module, name string
	kind         Kind
	index        uint32 // among imports and definitions of its kind
	raw          []byte // encoded declaration
}

type exportDecl struct {
	name  string
	kind  Kind
	index uint32
}

type tableDecl struct {
	elem byte // value type
	limits
}

type limits struct {
	min, max uint32
	hasMax   bool
}

// maximum returns the maximum size of a memory in pages.
func (l limits) maximum() uint32 {
	if l.hasMax {
		return l.max
	}
	return maxPages
}

type globalDecl struct {
	typ     byte
	mutable bool
	init    []byte // encoded constant expression, including its end; nil if imported
}

func (m *module) importDecl(r *reader) importDecl {
	from := r.p
	d := importDecl{module: r.name(), name: r.name(), kind: Kind(r.u8())}
	switch d.kind {
	case KindFunc:
		m.funcs = append(m.funcs, m.typeIndex(r))
	case KindTable:
		m.tables = append(m.tables, r.table())
	case KindMemory:
		m.memories = append(m.memories, r.memory())
	case KindGlobal:
		m.globals = append(m.globals, r.globalType())
	default:
		r.fail("import %q.%q has the unknown kind %d (exceptions)", d.module, d.name, d.kind)
		return d
	}
	d.index = uint32(m.imported[d.kind])
	m.imported[d.kind]++
	d.raw = r.b[from:r.p]
	return d
}

func (m *module) exportDecl(r *reader) exportDecl {
	d := exportDecl{r.name(), Kind(r.u8()), r.u32()}
	if d.kind > KindGlobal {
		r.fail("export %q has the unknown kind %d (exceptions)", d.name, d.kind)
	} else if n := m.defined(d.kind); int64(d.index) >= int64(n) {
		r.fail("export %q: %s %d is not defined (there are %d)", d.name, d.kind, d.index, n)
	}
	return d
}

// defined returns the number of functions, tables, memories or globals, including the imported
// ones.
func (m *module) defined(k Kind) int {
	return [...]int{len(m.funcs), len(m.tables), len(m.memories), len(m.globals)}[k]
}

// typeIndex reads the index of a function type.
func (m *module) typeIndex(r *reader) uint32 {
	i := r.u32()
	if int64(i) >= int64(len(m.types)) {
		r.fail("type %d is not defined (there are %d)", i, len(m.types))
		return 0
	}
	return i
}

func (r *reader) table() tableDecl {
	t := tableDecl{elem: r.valueType()}
	if isNumber(t.elem) || t.elem == typeV128 {
		r.fail("a table of %s is invalid", typeNames[t.elem])
	}
	t.limits = r.limits()
	return t
}

func (r *reader) memory() limits {
	l := r.limits()
	if l.min > maxPages || l.max > maxPages {
		r.fail("a memory of more than %d pages is invalid", maxPages)
	}
	return l
}

func (r *reader) limits() limits {
	switch flags := r.u8(); flags {
	case 0:
		return limits{min: r.u32()}
	case 1:
		l := limits{r.u32(), r.u32(), true}
		if l.max < l.min {
			r.fail("the maximum %d is below the minimum %d", l.max, l.min)
		}
		return l
	case 2, 3:
		r.fail("shared memory is not allowed")
	case 4, 5, 6, 7:
		r.fail("64-bit memories and tables are not allowed")
	default:
		r.fail("unknown flags %#x of limits", flags)
	}
	return limits{}
}

func (r *reader) globalType() globalDecl {
	g := globalDecl{typ: r.valueType()}
	switch mutable := r.u8(); mutable {
	case 0, 1:
		g.mutable = mutable == 1
	default:
		r.fail("unknown mutability %#x", mutable)
	}
	return g
}

func (m *module) global(r *reader) globalDecl {
	g := r.globalType()
	from := r.p
	m.constant(r)
	g.init = r.b[from:r.p]
	return g
}

// constant reads an initial value, which must be one constant or an imported global.
func (m *module) constant(r *reader) {
	switch op := r.u8(); op {
	case opI32Const:
		r.signed(32)
	case opI64Const:
		r.signed(64)
	case opF32Const:
		r.take(4)
	case opF64Const:
		r.take(8)
	case opGlobalGet:
		if g := r.u32(); int64(g) >= int64(m.imported[KindGlobal]) {
			r.fail("initial value from global %d, which is not imported", g)
		}
	case opVector:
		if r.u32() != opV128Const {
			r.fail("the initial value is not a constant")
		}
		r.take(16)
	default:
		r.fail("the initial value is not a constant (opcode %#x)", op)
	}
	if r.u8() != opEnd {
		r.fail("the initial value is not a single constant")
	}
}

// offset reads the offset of an active segment.
func (r *reader) offset() uint32 {
	if op := r.u8(); op != opI32Const {
		r.fail("the offset is not a constant (opcode %#x)", op)
	}
	v := uint32(r.signed(32))
	if r.u8() != opEnd {
		r.fail("the offset is not a single constant")
	}
	return v
}
