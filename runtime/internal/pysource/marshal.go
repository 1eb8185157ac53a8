package pysource

import "encoding/binary"

// marshalReader walks over a value as Python's marshal writes it (version 4, Python/marshal.c), and looks for sets of several values: marshal sorts
// them, so that the order in which a script meets their values is another after reading.
type marshalReader struct {
	b    []byte
	sets bool // one was met, or something that is not known here
}

// HasSets tells whether marshalled code has such sets among its constants. What it does not understand may have.
func HasSets(code []byte) bool {
	r := marshalReader{b: code}
	r.value(0)
	return r.sets
}

const (
	deepestMarshal = 2000  // as marshal's own limit
	codeIntegers   = 5 * 4 // of a code object: counts of arguments, stack size, flags
	codeValues     = 8     // its bytes, constants, names, variables and their kinds, file, name, qualified name
)

func (r *marshalReader) value(depth int) {
	kind := r.take(1)
	if r.sets || depth > deepestMarshal {
		r.sets = true
		return
	}
	switch kind[0] & 0x7f { // the highest bit says that it is referred to later
	case '0', 'N', 'T', 'F', 'S', '.':
	case 'i', 'r':
		r.take(4)
	case 'g', 'I':
		r.take(8)
	case 'y':
		r.take(16)
	case 'l': // digits of 15 bits; the sign is that of their number
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

// take is the next n bytes; too few are as good as a set.
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
