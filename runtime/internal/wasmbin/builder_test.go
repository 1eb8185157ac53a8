package wasmbin

import (
	"slices"
)

// builder builds small modules. Sections are lists of encoded items.
type builder struct {
	sections [secTag][][]byte
	start    []byte // content of the start section
	funcs    uint32 // number of functions, including imported ones
	globals  uint32
	types    []signature
}

const i32, i64, f32, f64, v128 = "\x7f", "\x7e", "\x7d", "\x7c", "\x7b"

func (b *builder) add(section int, item ...any) {
	b.sections[section] = append(b.sections[section], code(item...))
}

// typ returns the index of a function type, which it adds if necessary.
func (b *builder) typ(params, results string) uint32 {
	s := signature{params, results}
	if i := slices.Index(b.types, s); i >= 0 {
		return uint32(i)
	}
	return b.newType(params, results)
}

// newType adds a type even if there is an equal one.
func (b *builder) newType(params, results string) uint32 {
	s := signature{params, results}
	b.types = append(b.types, s)
	b.add(secType, s.append(nil))
	return uint32(len(b.types) - 1)
}

func (b *builder) importFunc(module, name string, typ uint32) uint32 {
	b.add(secImport, text(module), text(name), byte(KindFunc), typ)
	b.funcs++
	return b.funcs - 1
}

func (b *builder) importGlobal(module, name, typ string, mutable byte) uint32 {
	b.add(secImport, text(module), text(name), byte(KindGlobal), typ, mutable)
	b.globals++
	return b.globals - 1
}

// function adds a function with the given number of i32 local variables. It appends the end of the
// body.
func (b *builder) function(typ uint32, locals int, body ...any) uint32 {
	decl := []byte{0}
	if locals > 0 {
		decl = []byte{1, byte(locals), typeI32}
	}
	return b.rawFunction(typ, code(decl, code(body...), byte(opEnd)))
}

func (b *builder) rawFunction(typ uint32, body []byte) uint32 {
	b.add(secFunction, typ)
	b.add(secCode, uint32(len(body)), body)
	b.funcs++
	return b.funcs - 1
}

func (b *builder) global(typ string, mutable byte, init ...any) uint32 {
	b.add(secGlobal, typ, mutable, code(init...), byte(opEnd))
	b.globals++
	return b.globals - 1
}

func (b *builder) memory(limits ...byte) { b.add(secMemory, limits) }

func (b *builder) table(min uint32) { b.add(secTable, byte(typeFuncref), byte(0), min) }

func (b *builder) export(name string, k Kind, index uint32) {
	b.add(secExport, text(name), byte(k), index)
}

func (b *builder) elements(offset int, funcs ...uint32) {
	b.add(secElement, byte(0), byte(opI32Const), offset, byte(opEnd), uint32(len(funcs)), funcs)
}

func (b *builder) data(offset int, content string) {
	b.add(secData, byte(0), byte(opI32Const), offset, byte(opEnd), text(content))
}

func (b *builder) bytes() []byte {
	out := []byte(header)
	for _, id := range []byte{secType, secImport, secFunction, secTable, secMemory, secGlobal, secExport, secStart, secElement, secCode, secData} {
		if id == secStart && b.start != nil {
			out = append(append(out, secStart, byte(len(b.start))), b.start...)
		}
		items := b.sections[id]
		if len(items) == 0 {
			continue
		}
		body := append(appendU32(nil, uint32(len(items))), slices.Concat(items...)...)
		out = append(appendU32(append(out, id), uint32(len(body))), body...)
	}
	return out
}

// text is a name or a vector of bytes, which code encodes with its length.
type text string

// code concatenates pieces: bytes unchanged, uint32 as unsigned and int as signed integers, text
// with its length.
func code(pieces ...any) (b []byte) {
	for _, p := range pieces {
		switch p := p.(type) {
		case byte:
			b = append(b, p)
		case []byte:
			b = append(b, p...)
		case string:
			b = append(b, p...)
		case uint32:
			b = appendU32(b, p)
		case []uint32:
			for _, v := range p {
				b = appendU32(b, v)
			}
		case int:
			b = appendI32(b, int32(p))
		case text:
			b = appendName(b, string(p))
		default:
			panic("code: piece of unknown type")
		}
	}
	return b
}

func constant(v int) []byte     { return code(byte(opI32Const), v) }
func get(local uint32) []byte   { return code(byte(opLocalGet), local) }
func set(local uint32) []byte   { return code(byte(0x21), local) }
func call(f uint32) []byte      { return code(byte(opCall), f) }
func getG(g uint32) []byte      { return code(byte(opGlobalGet), g) }
func setG(g uint32) []byte      { return code(byte(opGlobalSet), g) }
func op(opcodes ...byte) []byte { return opcodes }

// indirect returns an indirect call of a function type.
func indirect(typ uint32) []byte { return code(byte(opCallIndirect), typ, byte(0)) }
