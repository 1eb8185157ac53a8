package pysource

import "encoding/binary"

// marshalReader walks over a value in the format of Python's marshal (version 4, Python/marshal.c)
// and searches it for sets with several elements.
type marshalReader struct {
	b    []byte
	sets bool // a set was found, or something that this reader does not know
}

// HasSets reports whether marshalled code has sets with several elements among its constants.
// marshal sorts the elements, so a script that reads its code from marshal iterates over them in
// another order. HasSets also returns true if it does not understand the code.
func HasSets(code []byte) bool {
	r := marshalReader{b: code}
	r.value(0)
	return r.sets
}

const (
	maxDepth     = 2000  // the limit of marshal itself
	codeIntegers = 5 * 4 // bytes of a code object's counts of arguments, stack size and flags
	codeValues   = 8     // its bytecode, constants, names, variables and their kinds, file, name, qualified name
)

func (r *marshalReader) value(depth int) {
	kind := r.take(1)
	if r.sets || depth > maxDepth {
		r.sets = true
		return
	}
	switch kind[0] & 0x7f { // the highest bit marks a value that others refer to
	case '0', 'N', 'T', 'F', 'S', '.':
	case 'i', 'r':
		r.take(4)
	case 'g', 'I':
		r.take(8)
	case 'y':
		r.take(16)
	case 'l': // digits of 15 bits; their number has the sign
		n := r.length()
		r.take(2 * max(n, -n))
	case 's', 'u', 't', 'a', 'A':
		r.take(r.length())
	case 'z', 'Z':
		r.take(r.short())
	case '(':
		r.values(r.length(), depth)
	case ')':
		r.values(r.short(), depth)
	case '>':
		n := r.length()
		r.sets = r.sets || n > 1
		r.values(n, depth)
	case 'c':
		r.take(codeIntegers)
		r.values(codeValues, depth)
		r.take(4) // the first line
		r.values(2, depth)
	default:
		r.sets = true
	}
}

func (r *marshalReader) values(n, depth int) {
	for i := 0; i < n && !r.sets; i++ {
		r.value(depth + 1)
	}
}

// take returns the next n bytes. If there are fewer, it sets r.sets and returns one byte.
func (r *marshalReader) take(n int) []byte {
	if n < 0 || n > len(r.b) {
		r.sets = true
		return []byte{0}
	}
	taken := r.b[:n]
	r.b = r.b[n:]
	return taken
}

func (r *marshalReader) length() int {
	b := r.take(4)
	if r.sets {
		return 0
	}
	return int(int32(binary.LittleEndian.Uint32(b)))
}

func (r *marshalReader) short() int { return int(r.take(1)[0]) }
