package runtime

import (
	"tabcell/runtime/internal/codecache"
	"tabcell/runtime/internal/engineid"
	"tabcell/runtime/internal/memguard"
	"tabcell/runtime/osfile"
)

// Config configures an engine. The zero value of each field except Guest is valid. The settings of
// the server are mapped to it in cmd/tabcell (EngineConfig).
type Config struct {
	Guest  Guest
	Limits Limits // zero fields mean DefaultLimits
	// Concurrency is the number of cells that run at the same time. If it is 0, it is
	// DefaultConcurrency; more cells than that only slow each other down.
	Concurrency int
	// Reserve allows one more cell, for an owner that has none while another owner has all
	// (pool.Queue.AddReserve).
	Reserve bool
	// Queue is the number of calls that may wait for a permit. More calls are refused with ErrBusy.
	// If it is 0, it is DefaultQueue.
	Queue int
	// ShareQueueWith, if not nil, makes the engine share the permits, the queue and the memory for
	// templates of another engine. Concurrency, Reserve, Queue and TemplateMemory are then ignored.
	ShareQueueWith *Engine
	// TemplateMemory is the memory in bytes that all loaded models may take together. Beyond it,
	// the least recently used are dropped, and loaded again when they are queried. If it is 0, it
	// is DefaultTemplateMemory.
	TemplateMemory uint64

	// Grants bound the uses of grants by all calls together. Engines that share a queue share the
	// limits of the first.
	Grants GrantLimits

	// TimeZone is the zone of local time in cells: a value of the environment variable TZ, such as
	// Europe/Berlin, or the content of a file of the tz database (TZif). The guest must have zones of
	// that name; an unknown one has the meaning that it has for glibc. If it is empty, local time is
	// UTC.
	TimeZone []byte

	// MissingModules has the reasons why top-level modules that scripts may expect are missing, for
	// the text of the error.
	MissingModules map[string]string

	// CacheDir is a private folder for compiled code. If it is empty, each start compiles the
	// guest.
	CacheDir string
	// BundleDir is a code bundle, made with WriteBundle. It is used in place of CacheDir if it was
	// made by this Program. If it is empty, there is none.
	BundleDir string
	// Program returns the running program. If it is nil or returns no digest, the cache does not
	// keep the rewritten guest and the image. It is called while other files are being read,
	// because computing the digest of a 60 MB program takes about as long.
	Program func() Program
	// CompileWorkers is the number of goroutines that compile, by default the number of CPUs. A
	// guest that is compiled while another one serves requests should get fewer.
	CompileWorkers int
	// Progress, if not nil, is called at the beginning and at the end of each long step of the
	// start, and at intervals while the guest is compiled. Calls do not overlap.
	Progress func(Progress)
	// AllowInterpreter runs the guest with wazero's interpreter if this process must not make
	// memory executable, which is up to 150 times slower. Otherwise New returns a
	// *NoExecutableMemoryError.
	AllowInterpreter bool
	// Verify compares memory, globals and size with the image after every call, which takes
	// milliseconds. It is meant for tests and diagnosis.
	Verify bool
}

// Program is the file of the running program.
type Program = codecache.Program

// CodeBundle is the manifest of a code bundle: a folder of compiled code that is installed with the
// program.
type CodeBundle = codecache.CodeBundle

// IsPrepared reports whether a start with cfg finds all that it needs in the code bundle or in the
// cache, judging by the names of the files. The start itself verifies their content.
func IsPrepared(cfg Config) bool { return codecache.IsPrepared(cfg.codeCache()) }

// CanMapCode reports whether a start with cfg would execute the guest's compiled code where it is
// mapped from its file, which takes no memory of its own. Otherwise the code is copied.
func CanMapCode(cfg Config) bool { return codecache.CanMap(cfg.codeCache()) }

// MaxCodeChangeDelay is the time within which the process must end after the call of WatchCode's
// function.
const MaxCodeChangeDelay = codecache.MaxChangeDelay

// WatchCode permits engines to execute compiled code in files that this process's user can change,
// in place of a copy. Files of other users need no permission. If a process is about to change a
// file, changed is called, and must end this process within MaxCodeChangeDelay. A process that
// restricts itself must not be able to write to the files either. WatchCode does nothing on systems
// where code is always copied.
func WatchCode(changed func()) (stop func()) { return codecache.Watch(changed) }

// HasCode reports whether a start with cfg finds the compiled code of the guest, also if it then
// has to boot the guest. The start itself verifies the code.
func HasCode(cfg Config) bool { return codecache.HasCode(cfg.codeCache()) }

// CodeFolder returns the name of the guest's folder in a cache folder and in a code bundle.
func CodeFolder(g Guest) string {
	return codecache.Key{Guest: g.Name, Digest: g.Digest, Engine: codeEngine()}.Folder()
}

// WriteBundle turns dir, a cache folder in which this program has started guests, into a code
// bundle.
func WriteBundle(dir, version string, program Program) error {
	return codecache.WriteBundle(dir, version, program, codeEngine())
}

// ReadBundle reads the manifest of the code bundle in dir. It returns fs.ErrNotExist if there is
// none.
func ReadBundle(dir string) (CodeBundle, error) { return codecache.ReadBundle(dir) }

// CheckBundle returns the reason why a program cannot use the code bundle in dir, or nil. It trusts
// the manifest: the files are verified when a guest starts.
func CheckBundle(dir string, program Program) error {
	return codecache.CheckBundle(dir, program, codeEngine())
}

func (cfg Config) codeCache() codecache.Config {
	return codecache.Config{
		Key: codecache.Key{
			Guest:         cfg.Guest.Name,
			Digest:        cfg.Guest.Digest,
			LibraryDigest: cfg.Guest.LibraryDigest,
			Preload:       cfg.Guest.Preload,
			TimeZone:      cfg.TimeZone,
			MaxMemory:     cfg.Limits.withDefaults().wholePages(),
			Engine:        codeEngine(),
		},
		CacheDir:  cfg.CacheDir,
		BundleDir: cfg.BundleDir,
		Program:   cfg.Program,
	}
}

// codeEngine identifies the engine for the code that it compiles: the digest of its patches, or another
// one if the code needs bounds checks only because the address space is limited.
func codeEngine() string {
	if memguard.Limited() {
		return osfile.Digest([]byte("with bounds checks: " + engineid.Patches()))
	}
	return engineid.Patches()
}
