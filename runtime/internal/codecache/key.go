package codecache

import (
	"encoding/json"
	"fmt"
	"regexp"

	"tabcell/runtime/osfile"
)

// Key identifies a guest and everything that its image depends on, except for the program.
type Key struct {
	Guest         string   // name, such as "core"
	Digest        string   // SHA-256 of the binary, hexadecimal
	LibraryDigest string   // of the library; if it is empty, the image is not cached
	Preload       []string // modules that are imported before the image is captured
	TimeZone      []byte   // of local time, a name or the content of a file
	MaxMemory     uint64   // of a cell, bytes
	Engine        string   // digest of the patches on the engine, hexadecimal; empty if it has none
}

// Config states which files are cached, and where.
type Config struct {
	Key       Key
	CacheDir  string         // if empty, nothing is cached
	BundleDir string         // code bundle; if empty, there is none
	Program   func() Program // if nil, the program is unknown
}

// Program is the file of the running program. Files made by the rewriter and by the boot depend on
// it, so they are used only by the program that made them.
type Program struct {
	Path   string // empty if it is unknown
	Digest string // SHA-256 that only builds with the same content have, hexadecimal; empty if it is unknown
}

func (cfg Config) program() Program {
	if cfg.Program == nil {
		return Program{}
	}
	return cfg.Program()
}

// The numbers of hexadecimal digits in the name of a guest's folder: of the guest's digest, and of
// the engine's.
const guestDigits, engineDigits = 32, 16

// Folder returns the name of the guest's folder in a cache folder and in a code bundle. Each engine
// has folders of its own, because it must not run the code of another: the code may rely on what the
// other engine provides.
func (k Key) Folder() string {
	folder := k.Digest[:min(len(k.Digest), guestDigits)]
	if k.Guest != "" {
		folder = k.Guest + "-" + folder
	}
	if k.Engine != "" {
		folder += "-" + k.Engine[:min(len(k.Engine), engineDigits)]
	}
	return folder
}

// guestFolder matches the names that Folder returns. The guest's name is the second group.
var guestFolder = regexp.MustCompile(fmt.Sprintf(`^((.+)-)?[0-9a-f]{%d}(-[0-9a-f]{%d})?$`, guestDigits, engineDigits))

// guestOf returns the name of the guest from the name of its folder, or "" if it has none.
func guestOf(folder string) string {
	if m := guestFolder.FindStringSubmatch(folder); m != nil {
		return m[2]
	}
	return ""
}

// imageName returns the name of the image's file. It returns "" if the digest of the program or of
// the library is unknown, since the image depends on both.
func (k Key) imageName(program string) string {
	if program == "" || k.LibraryDigest == "" {
		return ""
	}
	// These types always marshal.
	text, _ := json.Marshal([]any{program, k.LibraryDigest, k.Preload, osfile.Digest(k.TimeZone), k.MaxMemory, k.Engine})
	return imagePrefix + osfile.Digest(text)
}
