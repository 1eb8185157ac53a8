package codecache

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// Key is what the files of a guest depend on.
type Key struct {
	Guest         string   // its name, such as "core"
	Digest        string   // sha256 of its binary, hexadecimal
	LibraryDigest string   // of its library; "" if it is not known, then the image is not kept
	Preload       []string // modules imported before the image is captured
	MaxMemory     uint64   // bytes
}

// Config says where files are kept, and of what.
type Config struct {
	Key       Key
	CacheDir  string         // "": nothing is kept
	BundleDir string         // "": none
	Program   func() Program // nil: it is not known
}

func (cfg Config) program() Program {
	if cfg.Program == nil {
		return Program{}
	}
	return cfg.Program()
}

// Program is the program that runs, as a file.
type Program struct {
	Path   string // "" when it is not known
	Digest string // sha256 of the file, hexadecimal; "" likewise
}

// Folder is the name of a guest's folder in a cache folder, and in what WriteBundle makes of it.
func (k Key) Folder() string {
	name := k.Digest[:min(len(k.Digest), hex.EncodedLen(16))]
	if k.Guest != "" {
		name = k.Guest + "-" + name
	}
	return name
}

// imageName is "" when nothing tells what the image depends on.
func (k Key) imageName(program string) string {
	if program == "" || k.LibraryDigest == "" {
		return ""
	}
	text, _ := json.Marshal([]any{program, k.LibraryDigest, k.Preload, k.MaxMemory}) // nothing in it can fail
	digest := sha256.Sum256(text)
	return imagePrefix + hex.EncodeToString(digest[:])
}
