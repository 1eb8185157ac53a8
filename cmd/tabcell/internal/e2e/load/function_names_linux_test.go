//go:build perfmap && linux

package load

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
)

// functionNames reads the name section of a wasm file (WebAssembly 1.0, appendix "Custom Sections"); "" is no file and no names.
func functionNames(path string) (map[int]string, error) {
	if path == "" {
		return nil, nil
	}
	raw, err := os.ReadFile(path)
	if err != nil || len(raw) < 8 {
		return nil, errors.Join(err, errors.New("no wasm file"))
	}
	for r := (wasmReader{raw[8:]}); len(r.b) > 0; {
		id, section := r.byte(), wasmReader{r.bytes()}
		if id == 0 && string(section.bytes()) == "name" {
			return section.functions(), nil
		}
	}
	return nil, fmt.Errorf("%s has no names", path)
}

// wasmReader takes a file apart that the build made; a broken one ends with a panic.
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

// functions are the names in the subsection for functions, which is number 1.
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
