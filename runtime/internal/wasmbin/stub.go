package wasmbin

import (
	"crypto/sha256"
	"fmt"
)

// StubModule returns a module with the declarations of bin in which every function traps. An engine
// looks up compiled code by the module that it was compiled from, and must read and validate all of
// that module first. A stub has about a hundredth of the size, so compiled code that is stored
// under its stub is found faster.
//
// A custom section with the digest of bin makes the stubs of modules different even if only their
// code differs. Custom sections of bin are omitted.
func StubModule(bin []byte) ([]byte, error) {
	r := reader{b: bin, p: len(header), end: len(bin)}
	if len(bin) < len(header) || string(bin[:len(header)]) != header {
		return nil, fmt.Errorf("wasmbin: not a WebAssembly module")
	}
	out := []byte(header)
	for r.more() {
		id, size := r.u8(), int(r.u32())
		from := r.p
		if r.err != nil || size > r.end-from {
			r.fail("a section is truncated")
			break
		}
		switch id {
		case secCustom:
		case secCode:
			body := reader{b: bin, p: from, end: from + size}
			n := body.u32()
			if body.err != nil || int64(n) > int64(size) { // each function takes at least one byte
				r.fail("a code section of %d bytes cannot contain %d functions", size, n)
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
		return nil, fmt.Errorf("wasmbin: stub module: %w", r.err)
	}
	digest := sha256.Sum256(bin)
	return section(out, secCustom, func(b []byte) []byte { return append(appendName(b, "stands for"), digest[:]...) }), nil
}

// trapping returns a function that appends n function bodies, each with the single instruction
// unreachable.
func trapping(n uint32) func([]byte) []byte {
	return func(b []byte) []byte {
		b = appendU32(b, n)
		for range n {
			b = append(b, 3, 0, opUnreachable, opEnd)
		}
		return b
	}
}
