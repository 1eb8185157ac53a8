// Package assets carries the guest: the interpreter that runs scripts, as bytes inside the binary.
//
// It is data and a way to get at it; nothing here runs. The guest is made by the recipe in build/ from the sources pinned there and from
// guest/, the half of the bridge that lives inside the sandbox; MANIFEST says what it consists of.
//
// Vocabulary: guest (one WebAssembly reactor with its library), resource (one entry of that library: a compiled module m:dotted.name, or a
// data file f:/lib/path), manifest (versions, licences and digests of outputs and inputs of the build).
package assets

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"
	"sync"

	"github.com/klauspost/compress/zstd"
)

//go:embed MANIFEST
var manifest []byte

//go:embed data/core.wasm.zst
var coreWasm []byte

//go:embed data/core.res.zst
var coreResources []byte

//go:embed data/full.wasm.zst
var fullWasm []byte

//go:embed data/full.res.zst
var fullResources []byte // what the library of full has beside core's

// Guest is an interpreter as a value.
type Guest struct {
	Name          string                            // "core" or "full"
	Digest        string                            // of the binary: sha256, hexadecimal
	Wasm          func() ([]byte, error)            // decompresses the WebAssembly binary, each time
	Resources     func() (map[string][]byte, error) // the library: b"P" or b"M" and marshalled code under "m:dotted.name", data files under "f:/lib/path"
	Preload       []string                          // modules worth importing before an image is captured
	LibraryDigest string                            // tells Resources from those of other builds
}

// ManifestInfo is the MANIFEST: what the guests consist of and what they were made from.
type ManifestInfo struct {
	Format     int               `json:"format"`
	Python     string            `json:"python"` // version of the interpreter
	Guests     []GuestInfo       `json:"guests"`
	Components []Component       `json:"components"`
	Tools      map[string]string `json:"tools"`  // packages of the build host and their versions
	Inputs     map[string]string `json:"inputs"` // sha256, in hexadecimal, of recipe and guest sources by path below assets
}

// GuestInfo tells of one guest.
type GuestInfo struct {
	Name      string   `json:"name"`
	Preload   []string `json:"preload"`
	Wasm      Output   `json:"wasm"`
	Resources Output   `json:"resources"`     // of a guest other than core: what its library has beside core's
	Inputs    string   `json:"inputs_sha256"` // of the lines "digest  path" of the inputs that it was made from, sorted by path
}

// Output is a file that the build made. Digests are sha256 in hexadecimal, sizes are bytes; raw is before compression.
type Output struct {
	File      string `json:"file"`
	Size      int    `json:"size"`
	Sha256    string `json:"sha256"`
	RawSize   int    `json:"raw_size"`
	RawSha256 string `json:"raw_sha256"`
}

// Component is something that became part of a guest.
type Component struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Licence string `json:"licence"` // SPDX expression
	File    string `json:"file,omitempty"`
	Sha256  string `json:"sha256,omitempty"`
}

// Manifest returns what the build wrote down.
func Manifest() ManifestInfo {
	var m ManifestInfo
	if err := json.Unmarshal(manifest, &m); err != nil {
		panic(fmt.Sprintf("assets: MANIFEST: %v", err)) // embedded and tested: a broken build
	}
	return m
}

// Core returns the guest with numpy and pandas; what its functions return is compared with the digests. The wasm, 30 MB, is made anew by each call;
// the library, 25 MB, is shared by all guests and must not be changed. An error means that the binary is damaged.
func Core() (Guest, error) { return packed("core", coreWasm, coreLibrary) }

// Full returns the guest with scipy and scikit-learn beside what core has. Its wasm is 65 MB; the rest is as for Core.
func Full() (Guest, error) { return packed("full", fullWasm, fullLibrary) }

var coreLibrary = sync.OnceValues(func() (map[string][]byte, error) { return library("core", coreResources) })

var fullLibrary = sync.OnceValues(func() (map[string][]byte, error) {
	core, err := coreLibrary()
	if err != nil {
		return nil, err
	}
	added, err := library("full", fullResources)
	if err != nil {
		return nil, err
	}
	all := maps.Clone(core)
	maps.Copy(all, added)
	return all, nil
})

func library(name string, packed []byte) (map[string][]byte, error) {
	info, err := Manifest().guest(name)
	if err != nil {
		return nil, err
	}
	archive, err := decompress(packed, info.Resources)
	if err != nil {
		return nil, err
	}
	resources, err := readArchive(archive)
	if err != nil {
		return nil, fmt.Errorf("assets: %s: %w", info.Resources.File, err)
	}
	return resources, nil
}

func packed(name string, wasm []byte, library func() (map[string][]byte, error)) (Guest, error) {
	info, err := Manifest().guest(name)
	if err != nil {
		return Guest{}, err
	}
	return Guest{
		Name: name, Digest: info.Wasm.RawSha256, Preload: info.Preload, LibraryDigest: Manifest().library(name), Resources: library,
		Wasm: func() ([]byte, error) { return decompress(wasm, info.Wasm) },
	}, nil
}

func (m ManifestInfo) guest(name string) (GuestInfo, error) {
	for _, g := range m.Guests {
		if g.Name == name {
			return g, nil
		}
	}
	return GuestInfo{}, fmt.Errorf("assets: MANIFEST has no guest %q", name)
}

// library is the digests of the archives that a guest's library comes from.
func (m ManifestInfo) library(name string) string {
	var digests []string
	for _, g := range m.Guests {
		if g.Name == name || g.Name == "core" {
			digests = append(digests, g.Resources.RawSha256)
		}
	}
	return strings.Join(digests, " ")
}

func decompress(packed []byte, o Output) ([]byte, error) {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(1<<30))
	if err != nil {
		return nil, fmt.Errorf("assets: %w", err)
	}
	defer d.Close()
	raw, err := d.DecodeAll(packed, make([]byte, 0, o.RawSize))
	if err != nil {
		return nil, fmt.Errorf("assets: %s: %w", o.File, err)
	}
	if got := digest(raw); got != o.RawSha256 {
		return nil, fmt.Errorf("assets: %s: digest is %s, MANIFEST says %s", o.File, got, o.RawSha256)
	}
	return raw, nil
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// readArchive takes the entries m/dotted.name and f/lib/path of a tar archive as resources m:dotted.name and f:/lib/path.
// The values are parts of the archive, not copies.
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
	return "", fmt.Errorf("%s: neither a module nor a file", entry)
}
