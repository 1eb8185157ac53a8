package wasmbin

import (
	"encoding/binary"
	"strings"
)

// Value types, as encoded in the binary format.
const (
	typeI32       = 0x7f
	typeI64       = 0x7e
	typeF32       = 0x7d
	typeF64       = 0x7c
	typeV128      = 0x7b
	typeFuncref   = 0x70
	typeExternref = 0x6f
)

var typeNames = map[byte]string{
	typeI32: "i32", typeI64: "i64", typeF32: "f32", typeF64: "f64", typeV128: "v128", typeFuncref: "funcref", typeExternref: "externref",
}

func isNumber(t byte) bool    { return t >= typeF64 && t <= typeI32 }
func isReference(t byte) bool { return !isNumber(t) && t != typeV128 }

// valueType reads a value type. Typed references and types of the garbage collection proposal are
// not supported.
func (r *reader) valueType() byte {
	t := r.u8()
	if _, ok := typeNames[t]; !ok {
		r.fail("value type %#x (typed references, exceptions, garbage collection) is not allowed", t)
	}
	return t
}

// signature is a function type, with a byte for each value type. Equal signatures are the same
// type.
type signature struct{ params, results string }

func (s signature) String() string { return typeList(s.params) + " -> " + typeList(s.results) }

func typeList(types string) string {
	names := make([]string, len(types))
	for i := range len(types) {
		names[i] = typeNames[types[i]]
	}
	return "(" + strings.Join(names, ", ") + ")"
}

func (r *reader) signature() signature {
	if form := r.u8(); form != 0x60 {
		r.fail("type of form %#x (garbage collection) is not allowed, only plain function types are", form)
	}
	return signature{r.valueTypes(), r.valueTypes()}
}

func (r *reader) valueTypes() string {
	types := make([]byte, r.count(1))
	for i := range types {
		types[i] = r.valueType()
	}
	return string(types)
}

func (s signature) append(b []byte) []byte {
	b = appendName(append(b, 0x60), s.params) // a vector of bytes has the same encoding as a name
	return appendName(b, s.results)
}

func appendU32(b []byte, v uint32) []byte { return binary.AppendUvarint(b, uint64(v)) }

func appendI32(b []byte, v int32) []byte {
	for {
		c := byte(v & 0x7f)
		v >>= 7
		if (v == 0 && c&0x40 == 0) || (v == -1 && c&0x40 != 0) {
			return append(b, c)
		}
		b = append(b, c|0x80)
	}
}

func appendName(b []byte, s string) []byte { return append(appendU32(b, uint32(len(s))), s...) }
