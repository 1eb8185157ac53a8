package wasmbin

import (
	"encoding/binary"
	"strings"
)

// Value types as the binary format writes them.
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

// valueType reads a value type. Those of typed references and garbage collection are unknown here.
func (r *reader) valueType() byte {
	t := r.u8()
	if _, ok := typeNames[t]; !ok {
		r.fail("value type %#x is not allowed (typed references, exceptions, garbage collection)", t)
	}
	return t
}

// signature is a function type by content, a byte for each value type: two signatures are the same type exactly if they are equal.
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
		r.fail("type of form %#x: only plain function types are allowed (garbage collection)", form)
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
	b = appendName(append(b, 0x60), s.params) // a vector of bytes is written as a name is
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
