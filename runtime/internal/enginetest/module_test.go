// Package enginetest compares the compiler of the WebAssembly engine with its interpreter, on
// random modules and on modules that are directed at what the patches in runtime/engine/patches
// change: bounds checks, addresses, the stack, branches and tables. It has tests only. They run
// with the released engine in go test, and with the patched one in go run ./cmd/dist test.
package enginetest

import "encoding/binary"

// Value types.
const (
	i32  = 0x7f
	i64  = 0x7e
	f32  = 0x7d
	f64  = 0x7c
	v128 = 0x7b
)

// module is a module in the making. Functions, globals and the only table and memory are exported
// or not as their fields say; function 0 is the imported host function host (see run_test.go).
type module struct {
	types    [][]byte
	funcs    []function
	globals  [][]byte // type, mutability and initial value
	minPages uint32
	maxPages uint32
	table    []uint32 // functions
}

type function struct {
	typ    uint32
	locals []byte // types, without those of the parameters
	body   []byte // without its end
	export string // "" for none
}

// hostFunctions is the number of imported functions, which come before those of the module. The second
// one is tick.
const (
	hostFunctions = 2
	tickFunction  = 1
)

// typ returns the index of a function type.
func (m *module) typ(params, results []byte) uint32 {
	t := append([]byte{0x60}, vector(params)...)
	t = append(t, vector(results)...)
	for i, other := range m.types {
		if string(other) == string(t) {
			return uint32(i)
		}
	}
	m.types = append(m.types, t)
	return uint32(len(m.types) - 1)
}

// function adds a function and returns its index.
func (m *module) function(export string, params, results, locals, body []byte) uint32 {
	m.funcs = append(m.funcs, function{m.typ(params, results), locals, body, export})
	return uint32(hostFunctions + len(m.funcs) - 1)
}

// encode returns the binary form of the module.
func (m *module) encode() []byte {
	hostType, tickType := m.typ([]byte{i32}, []byte{i32}), m.typ(nil, nil)
	b := []byte("\x00asm\x01\x00\x00\x00")
	b = section(b, 1, m.types)
	b = section(b, 2, [][]byte{
		append([]byte("\x03env\x04host\x00"), leb(uint64(hostType))...),
		append([]byte("\x03env\x04tick\x00"), leb(uint64(tickType))...),
	})
	var funcs, exports, codes [][]byte
	for i, f := range m.funcs {
		funcs = append(funcs, leb(uint64(f.typ)))
		codes = append(codes, f.encode())
		if f.export != "" {
			exports = append(exports, export(f.export, 0, i+hostFunctions))
		}
	}
	b = section(b, 3, funcs)
	if len(m.table) > 0 {
		b = section(b, 4, [][]byte{append([]byte{0x70, 0}, leb(uint64(len(m.table)))...)})
	}
	if m.minPages > 0 {
		limits := append(append([]byte{1}, leb(uint64(m.minPages))...), leb(uint64(m.maxPages))...)
		b = section(b, 5, [][]byte{limits})
		exports = append(exports, export("memory", 2, 0))
	}
	for i := range m.globals {
		exports = append(exports, export(globalName(i), 3, i))
	}
	b = section(b, 6, m.globals)
	b = section(b, 7, exports)
	if len(m.table) > 0 {
		elements := append([]byte{0, 0x41, 0, 0x0b}, leb(uint64(len(m.table)))...)
		for _, f := range m.table {
			elements = append(elements, leb(uint64(f))...)
		}
		b = section(b, 9, [][]byte{elements})
	}
	return section(b, 10, codes)
}

func (f function) encode() []byte {
	b := leb(uint64(len(f.locals)))
	for _, t := range f.locals {
		b = append(b, 1, t)
	}
	return vector(append(append(b, f.body...), 0x0b))
}

func section(b []byte, id byte, items [][]byte) []byte {
	if len(items) == 0 {
		return b
	}
	content := leb(uint64(len(items)))
	for _, item := range items {
		content = append(content, item...)
	}
	return append(append(b, id), vector(content)...)
}

func export(name string, kind byte, index int) []byte {
	return append(append(vector([]byte(name)), kind), leb(uint64(index))...)
}

func globalName(i int) string { return "g" + string(rune('a'+i)) }

// vector returns bytes with their number before them.
func vector(b []byte) []byte { return append(leb(uint64(len(b))), b...) }

// leb encodes an unsigned integer.
func leb(v uint64) (b []byte) { return binary.AppendUvarint(nil, v) }

// sleb encodes a signed integer.
func sleb(v int64) (b []byte) {
	for {
		low := byte(v & 0x7f)
		v >>= 7
		if v == 0 && low&0x40 == 0 || v == -1 && low&0x40 != 0 {
			return append(b, low)
		}
		b = append(b, low|0x80)
	}
}

// constant returns code that pushes a number of the given type. The bits of floats are those of v.
func constant(t byte, v uint64) []byte {
	switch t {
	case i32:
		return append([]byte{0x41}, sleb(int64(int32(v)))...)
	case i64:
		return append([]byte{0x42}, sleb(int64(v))...)
	case f32:
		return binary.LittleEndian.AppendUint32([]byte{0x43}, uint32(v))
	default:
		return binary.LittleEndian.AppendUint64([]byte{0x44}, v)
	}
}

func get(local int) []byte { return append([]byte{0x20}, leb(uint64(local))...) }
func set(local int) []byte { return append([]byte{0x21}, leb(uint64(local))...) }
func tee(local int) []byte { return append([]byte{0x22}, leb(uint64(local))...) }
func call(f uint32) []byte { return append([]byte{0x10}, leb(uint64(f))...) }

// access returns a load or store with an offset, without an alignment requirement.
func access(op []byte, offset uint64) []byte {
	return append(append(op[:len(op):len(op)], 0), leb(offset)...)
}

// cat concatenates code.
func cat(parts ...[]byte) (b []byte) {
	for _, p := range parts {
		b = append(b, p...)
	}
	return b
}
