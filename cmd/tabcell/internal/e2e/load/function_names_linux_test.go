//go:build perfmap && linux

package load

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
)

// functionNames returns the function names in the name section of a wasm file (WebAssembly 1.0,
// appendix "Custom Sections"), by index. If path is empty, there are none.
func functionNames(path string) (map[int]string, error) {
	if path == "" {
		return nil, nil
	}
	raw, err := os.ReadFile(path)
	if err != nil || len(raw) < 8 {
		return nil, errors.Join(err, fmt.Errorf("%s is not a wasm file", path))
	}
	for r := (wasmReader{raw[8:]}); len(r.b) > 0; {
		id, section := r.byte(), wasmReader{r.bytes()}
		if id == 0 && string(section.bytes()) == "name" {
			return section.functions(), nil
		}
	}
	return nil, fmt.Errorf("%s has no name section", path)
}

// wasmReader reads a file that the build made. It panics if the file is malformed.
type wasmReader struct{ b []byte }

func (r *wasmReader) byte() byte {
	c := r.b[0]
	r.b = r.b[1:]
	return c
}

func (r *wasmReader) uint() int {
	v, n := binary.Uvarint(r.b)
	r.b = r.b[n:]
	return int(v)
}

func (r *wasmReader) bytes() []byte {
	n := r.uint()
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

// functions returns the names in the subsection of functions, which has the number 1.
func (r *wasmReader) functions() map[int]string {
	names := map[int]string{}
	for len(r.b) > 0 {
		id, part := r.byte(), wasmReader{r.bytes()}
		if id != 1 {
			continue
		}
		for range part.uint() {
			index := part.uint()
			names[index] = string(part.bytes())
		}
	}
	return names
}
