package assets

import (
	"encoding/binary"
	"fmt"
	"slices"
	"testing"
)

// Sections and kinds of the WebAssembly binary format (core specification, 5.5).
const (
	importSection = 2
	exportSection = 7
	functionKind  = 0
)

// What a guest can ask of its host is exactly what build/imports.txt says; nothing but functions is imported.
func TestImports(t *testing.T) {
	for _, g := range guests(t) {
		r := section(t, wasmOf(t, g), importSection)
		var got []string
		for range r.number() {
			module, name := r.name(), r.name()
			if kind := r.byte(); kind != functionKind {
				t.Fatalf("%s: %s.%s: kind %d", g.Name, module, name, kind)
			}
			r.number()
			got = append(got, module+"."+name)
		}
		compare(t, g.Name, got, "build/imports.txt")
	}
}

func TestExports(t *testing.T) {
	for _, g := range guests(t) {
		r := section(t, wasmOf(t, g), exportSection)
		var got []string
		for range r.number() {
			got = append(got, r.name())
			r.byte()
			r.number()
		}
		compare(t, g.Name, got, "build/exports.txt")
	}
}

func compare(t *testing.T, guest string, got []string, file string) {
	t.Helper()
	want := lines(t, file)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the wasm of %s has %q\n%s says %q", guest, got, file, want)
	}
}

// reader walks over one section. The wasm's digest was checked before: malformed input panics.
type reader struct{ rest []byte }

func section(t *testing.T, wasm []byte, id byte) *reader {
	t.Helper()
	if len(wasm) < 8 || string(wasm[:4]) != "\x00asm" || binary.LittleEndian.Uint32(wasm[4:]) != 1 {
		t.Fatal("not a WebAssembly module of version 1")
	}
	for r := (&reader{wasm[8:]}); len(r.rest) > 0; {
		kind, size := r.byte(), r.number()
		if body := r.take(size); kind == id {
			return &reader{body}
		}
	}
	t.Fatal(fmt.Sprintf("no section %d", id))
	return nil
}

func (r *reader) take(n uint64) []byte {
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *reader) byte() byte   { return r.take(1)[0] }
func (r *reader) name() string { return string(r.take(r.number())) }

func (r *reader) number() uint64 {
	v, n := binary.Uvarint(r.rest)
	r.take(uint64(n))
	return v
}
