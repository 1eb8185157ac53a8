package runtime

import (
	"tabcell/runtime/internal/codecache"
)

// Program is the program that runs, as a file.
type Program = codecache.Program

// CodeBundle is the manifest of a code bundle.
type CodeBundle = codecache.CodeBundle

// IsPrepared reports whether a start with cfg finds all that it needs in the code bundle or in the
// cache, judging by the names of files. The start itself verifies their content.
func IsPrepared(cfg Config) bool { return codecache.IsPrepared(cfg.codeCache()) }

// CodeFolder returns the name of the guest's folder in a cache folder and in a code bundle.
func CodeFolder(g Guest) string { return codecache.Key{Guest: g.Name, Digest: g.Digest}.Folder() }

// WriteBundle turns dir, a cache folder in which this program has started guests, into a code
// bundle of that version of the program.
func WriteBundle(dir, version string, program Program) error {
	return codecache.WriteBundle(dir, version, program)
}

// ReadBundle reads the manifest of the code bundle in dir. Returns fs.ErrNotExist if there is none.
func ReadBundle(dir string) (CodeBundle, error) { return codecache.ReadBundle(dir) }

// CheckBundle returns the reason why the code bundle in dir cannot be used by a program, or nil. It
// trusts the manifest: the files are verified when a guest starts.
func CheckBundle(dir string, program Program) error { return codecache.CheckBundle(dir, program) }

func (cfg Config) codeCache() codecache.Config {
	return codecache.Config{
		Key: codecache.Key{
			Guest:         cfg.Guest.Name,
			Digest:        cfg.Guest.Digest,
			LibraryDigest: cfg.Guest.LibraryDigest,
			Preload:       cfg.Guest.Preload,
			MaxMemory:     cfg.Limits.filled().pages(),
		},
		CacheDir:  cfg.CacheDir,
		BundleDir: cfg.BundleDir,
		Program:   cfg.Program,
	}
}
