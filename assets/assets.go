// Package assets carries the guests: the Python interpreters that run scripts, as bytes in the
// binary.
//
// The package holds data and functions to read it; it does not run anything. The recipe in build/
// builds the guests from pinned sources and from guest/, the half of the bridge that lives inside
// the sandbox. MANIFEST lists their contents. README.md describes how to rebuild and extend them.
//
// Vocabulary: guest (a WebAssembly reactor with its library), resource (an entry of that library: a
// compiled module m:dotted.name, or a data file f:/lib/path), part (a package of the archive
// "extra", which both guests have and which is compressed on its own), manifest (versions,
// licences, and digests of the build's outputs and inputs).
package assets

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"
	"sync"

	"github.com/klauspost/compress/zstd"
)

//go:embed data/core.wasm.zst
var coreWasm []byte

//go:embed data/core.res.zst
var coreResources []byte

//go:embed data/full.wasm.zst
var fullWasm []byte

//go:embed data/full.res.zst
var fullResources []byte // only the resources that core does not have

// Guest is an interpreter and its library. Its functions decompress the data on demand.
type Guest struct {
	Name   string // "core" or "full"
	Digest string // SHA-256 of the WebAssembly binary, in hexadecimal

	// Wasm returns the WebAssembly binary, 34 MB for core and 86 MB for full. Each call
	// decompresses it again. It returns an error if the data does not match its digest in the
	// manifest.
	Wasm func() ([]byte, error)

	// Resources returns the library: b"P" (package) or b"M" (module) and marshalled code under
	// "m:dotted.name", and data files under "f:/lib/path". It is decompressed once, to 25 MB for
	// core and another 62 MB for full, and shared, so callers must not change the map or the
	// values. It returns an error if the data does not match its digest in the manifest.
	Resources func() (map[string][]byte, error)

	// Parts has further packages of the library, by the entries of /lib that they contain. The name
	// of a folder ends in a slash. Each function returns the resources of a package, decompressed
	// at the first call and shared in the same way. It returns an error if the data does not match
	// its digest in the manifest.
	Parts map[string]func() (map[string][]byte, error)

	Preload       []string // modules to import before the image is captured
	OnDemand      []string // top-level modules of Parts, and those of the guest that Preload does not name
	LibraryDigest string   // identifies the contents of Resources and Parts
}

// HasModule reports whether the library has a top-level module. If the resources cannot be read, it
// looks only into Parts.
func (g Guest) HasModule(name string) bool {
	resources, _ := g.Resources() // the start of the guest returns the error
	return resources["m:"+name] != nil || g.Parts[name+"/"] != nil || g.Parts[name+".py"] != nil
}

// Core returns the guest with numpy and pandas. It returns an error if the manifest has no such
// guest, which means that the program was built incorrectly.
func Core() (Guest, error) { return newGuest("core", coreWasm, coreLibrary) }

// Full returns the guest with scipy and scikit-learn in addition to the packages of core. It
// returns an error under the same conditions as Core.
func Full() (Guest, error) { return newGuest("full", fullWasm, fullLibrary) }

func newGuest(name string, wasm []byte, library func() (map[string][]byte, error)) (Guest, error) {
	m := Manifest()
	info, err := m.guest(name)
	if err != nil {
		return Guest{}, err
	}
	return Guest{
		Name:          name,
		Digest:        info.Wasm.RawSha256,
		Wasm:          func() ([]byte, error) { return decompress(wasm, info.Wasm) },
		Resources:     library,
		Parts:         maps.Clone(extraParts()),
		Preload:       info.Preload,
		OnDemand:      onDemand(info, m.Extra),
		LibraryDigest: m.libraryDigest(name),
	}, nil
}

var coreLibrary = sync.OnceValues(func() (map[string][]byte, error) { return readLibrary("core", coreResources) })

var fullLibrary = sync.OnceValues(func() (map[string][]byte, error) {
	core, err := coreLibrary()
	if err != nil {
		return nil, err
	}
	added, err := readLibrary("full", fullResources)
	if err != nil {
		return nil, err
	}
	all := maps.Clone(core)
	maps.Copy(all, added)
	return all, nil
})

func readLibrary(name string, compressed []byte) (map[string][]byte, error) {
	info, err := Manifest().guest(name)
	if err != nil {
		return nil, err
	}
	return readResources(compressed, info.Resources)
}

// readResources returns the resources in a compressed archive.
func readResources(compressed []byte, o Output) (map[string][]byte, error) {
	archive, err := decompress(compressed, o)
	if err != nil {
		return nil, err
	}
	resources, err := readArchive(archive)
	if err != nil {
		return nil, fmt.Errorf("assets: %s: %w", o.File, err)
	}
	return resources, nil
}

// decompress returns the raw bytes of an output, after a check of their digest.
func decompress(compressed []byte, o Output) ([]byte, error) {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(1<<30))
	if err != nil {
		return nil, fmt.Errorf("assets: %w", err)
	}
	defer d.Close()
	raw, err := d.DecodeAll(compressed, make([]byte, 0, o.RawSize))
	if err != nil {
		return nil, fmt.Errorf("assets: %s: %w", o.File, err)
	}
	if got := digest(raw); got != o.RawSha256 {
		return nil, fmt.Errorf("assets: %s is damaged: its digest is %s, the manifest has %s", o.File, got, o.RawSha256)
	}
	return raw, nil
}

// digest returns the SHA-256 of b in hexadecimal.
func digest(b []byte) string { return fmt.Sprintf("%x", sha256.Sum256(b)) }

// readArchive returns the entries m/dotted.name and f/lib/path of a tar archive as the resources
// m:dotted.name and f:/lib/path. The values are slices of the archive, not copies.
func readArchive(archive []byte) (map[string][]byte, error) {
	source := bytes.NewReader(archive)
	r := tar.NewReader(source)
	out := make(map[string][]byte)
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		begin := int64(len(archive)) - int64(source.Len())
		if h.Size > int64(source.Len()) {
			return nil, fmt.Errorf("%s: %w", h.Name, io.ErrUnexpectedEOF)
		}
		name, err := resourceName(h.Name)
		if err != nil {
			return nil, err
		}
		out[name] = archive[begin : begin+h.Size : begin+h.Size]
	}
}

func resourceName(entry string) (string, error) {
	if name, ok := strings.CutPrefix(entry, "m/"); ok {
		return "m:" + name, nil
	}
	if path, ok := strings.CutPrefix(entry, "f/"); ok {
		return "f:/" + path, nil
	}
	return "", fmt.Errorf("%s is neither a module (m/) nor a file (f/)", entry)
}
