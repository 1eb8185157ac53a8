package assets

import (
	"encoding/binary"
	"slices"
	"testing"
)

// Sections and kinds of the WebAssembly binary format (core specification, section 5.5).
const (
	importSection = 2
	exportSection = 7
	functionKind  = 0
)

// The imports of a guest are all that it can request of the host, so they must be exactly the
// functions in build/imports.txt.
func TestImports(t *testing.T) {
	for _, g := range loadGuests(t) {
		r := findSection(t, loadWasm(t, g), importSection)
		var got []string
		for range r.number() {
			module, name := r.name(), r.name()
			if kind := r.byte(); kind != functionKind {
				t.Fatalf("%s: import %s.%s has kind %d; want a function", g.Name, module, name, kind)
			}
			r.number()
			got = append(got, module+"."+name)
		}
		compareNames(t, g.Name, got, "build/imports.txt")
	}
}

func TestExports(t *testing.T) {
	for _, g := range loadGuests(t) {
		r := findSection(t, loadWasm(t, g), exportSection)
		var got []string
		for range r.number() {
			got = append(got, r.name())
			r.byte()
			r.number()
		}
		compareNames(t, g.Name, got, "build/exports.txt")
	}
}

func compareNames(t *testing.T, guest string, got []string, file string) {
	t.Helper()
	want := readLines(t, file)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("wasm of %s has %q\n%s has %q", guest, got, file, want)
	}
}

// sectionReader reads the body of a section. It panics on malformed input, which the check of the
// wasm's digest rules out.
type sectionReader struct{ rest []byte }

func findSection(t *testing.T, wasm []byte, id byte) *sectionReader {
	t.Helper()
	if len(wasm) < 8 || string(wasm[:4]) != "\x00asm" || binary.LittleEndian.Uint32(wasm[4:]) != 1 {
		t.Fatal("not a WebAssembly module of version 1")
	}
	for r := (&sectionReader{wasm[8:]}); len(r.rest) > 0; {
		kind, size := r.byte(), r.number()
		if body := r.take(size); kind == id {
			return &sectionReader{body}
		}
	}
	t.Fatalf("the module has no section %d", id)
	return nil
}

func (r *sectionReader) take(n uint64) []byte {
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *sectionReader) byte() byte   { return r.take(1)[0] }
func (r *sectionReader) name() string { return string(r.take(r.number())) }

func (r *sectionReader) number() uint64 {
	v, n := binary.Uvarint(r.rest)
	r.take(uint64(n))
	return v
}
