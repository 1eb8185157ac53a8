package assets

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
)

//go:embed MANIFEST
var manifest []byte

// ManifestInfo is the content of MANIFEST: the parts of the guests, and the files and tools that
// they were built with. Digests are SHA-256 in hexadecimal; sizes are in bytes.
type ManifestInfo struct {
	Format     int               `json:"format"` // version of the manifest's format: 1
	Python     string            `json:"python"` // version of the interpreter
	Guests     []GuestInfo       `json:"guests"` // core first
	Extra      ExtraInfo         `json:"extra"`
	Components []Component       `json:"components"` // sources of all guests and of extra
	Tools      map[string]string `json:"tools"`      // versions of the build host's packages, by name
	Inputs     map[string]string `json:"inputs"`     // digests of the recipe and the guest's sources, by path below assets
}

// GuestInfo describes one guest.
type GuestInfo struct {
	Name    string   `json:"name"`
	Preload []string `json:"preload"` // modules to import before the image is captured
	// Modules and Distributions are those that core does not have: top-level modules, and the names
	// of packages in importlib.metadata's normalised form. Both are sorted.
	Modules       []string `json:"modules"`
	Distributions []string `json:"distributions"`
	Wasm          Output   `json:"wasm"`
	Resources     Output   `json:"resources"`     // for a guest other than core, only the resources that core does not have
	Inputs        string   `json:"inputs_sha256"` // digest of the lines "digest  path" of its inputs, sorted by path
}

// ExtraInfo describes the archive "extra": pure-Python packages that both guests have. Each is
// compressed on its own, and decompressed when a script imports it.
type ExtraInfo struct {
	Resources Output     `json:"resources"` // the parts, one after the other, compressed and raw
	Parts     []PartInfo `json:"parts"`
	Inputs    string     `json:"inputs_sha256"`
}

// PartInfo describes a part of the archive: a package, or "dist-info", which has the descriptions
// of all packages for importlib.metadata.
type PartInfo struct {
	Name      string   `json:"name"`    // as in packages.txt
	Entries   []string `json:"entries"` // files and folders of /lib, sorted; the names of folders end in a slash
	Offset    int      `json:"offset"`  // of the compressed bytes in the file
	Size      int      `json:"size"`
	RawSize   int      `json:"raw_size"`
	RawSha256 string   `json:"raw_sha256"`
}

// Output is a file that the build produced. The raw size and digest are those before compression.
type Output struct {
	File      string `json:"file"` // path below assets
	Size      int    `json:"size"`
	Sha256    string `json:"sha256"`
	RawSize   int    `json:"raw_size"`
	RawSha256 string `json:"raw_sha256"`
}

// Component is a source that became part of a guest.
type Component struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Licence string `json:"licence"` // SPDX expression
	File    string `json:"file,omitempty"`
	Sha256  string `json:"sha256,omitempty"`
}

// Manifest returns the parsed MANIFEST, which all callers share and must not change. It panics if the
// embedded file is invalid, which means that the program was built incorrectly.
func Manifest() ManifestInfo { return parseManifest() }

// parseManifest parses the file once: a start needs it seven times.
var parseManifest = sync.OnceValue(func() (m ManifestInfo) {
	if err := json.Unmarshal(manifest, &m); err != nil {
		panic(fmt.Sprintf("assets: MANIFEST: %v", err))
	}
	return m
})

// FullOnly returns the top-level modules and the distributions that full has and core does not
// have, sorted by name.
func FullOnly() []string {
	full, _ := Manifest().guest("full") // if it is missing, Full returns the error
	names := slices.Concat(full.Modules, full.Distributions)
	slices.Sort(names)
	return slices.Compact(names)
}

func (m ManifestInfo) guest(name string) (GuestInfo, error) {
	for _, g := range m.Guests {
		if g.Name == name {
			return g, nil
		}
	}
	return GuestInfo{}, fmt.Errorf("assets: MANIFEST has no guest %q", name)
}

// libraryDigest returns the digests of the archives that make up a guest's library.
func (m ManifestInfo) libraryDigest(name string) string {
	var digests []string
	for _, g := range m.Guests {
		if g.Name == name || g.Name == "core" {
			digests = append(digests, g.Resources.RawSha256)
		}
	}
	return strings.Join(append(digests, m.Extra.Resources.RawSha256), " ")
}
