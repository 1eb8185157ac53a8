package wasmbin

import (
	"crypto/sha256"
	"fmt"
)

// StubModule is a module with the declarations of bin in which every function traps. Engines keep compiled code by the module that it came from, and
// have to read all of that again to find it; what is kept for a stand-in instead is found by a hundredth of it. A custom section with the digest of
// bin makes the stand-ins of modules that differ only in their code differ, too. Custom sections of bin are left out.
func StubModule(bin []byte) ([]byte, error) {
	r := reader{b: bin, p: len(header), end: len(bin)}
	if len(bin) < len(header) || string(bin[:len(header)]) != header {
		return nil, fmt.Errorf("wasmbin: no module")
	}
	out := []byte(header)
	for r.more() {
		id, size := r.u8(), int(r.u32())
		from := r.p
		if r.err != nil || size > r.end-from {
			r.fail("a section is cut off")
			break
		}
		switch id {
		case secCustom:
		case secCode:
			body := reader{b: bin, p: from, end: from + size}
			n := body.u32()
			if body.err != nil || int64(n) > int64(size) { // each has a byte at least
				r.fail("a code section of %d bytes has no %d functions", size, n)
				break
			}
			out = section(out, id, trapping(n))
		default:
			out = append(out, id)
			out = append(appendU32(out, uint32(size)), bin[from:from+size]...)
		}
		r.p = from + size
	}
	if r.err != nil {
		return nil, fmt.Errorf("wasmbin: stand-in: %w", r.err)
	}
	digest := sha256.Sum256(bin)
	return section(out, secCustom, func(b []byte) []byte { return append(appendName(b, "stands for"), digest[:]...) }), nil
}

// trapping writes n functions without local variables that are nothing but unreachable.
func trapping(n uint32) func([]byte) []byte {
	return func(b []byte) []byte {
		b = appendU32(b, n)
		for range n {
			b = append(b, 3, 0, 0x00, 0x0b)
		}
		return b
	}
}
