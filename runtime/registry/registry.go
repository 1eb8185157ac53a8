package registry

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"tabcell/runtime/osfile"
)

// Options limit a registry. A zero field has its default.
type Options struct {
	MaxBytes int64 // bytes of code in one version; default DefaultMaxBytes
	MaxCount int   // endpoints; default DefaultMaxCount
	// versions kept of a model, including the current one; default DefaultKeepVersions
	KeepVersions int
	// ReadOnly opens a folder that another process may be writing to. Nothing in it is changed.
	ReadOnly bool
	// Replicated opens the folder of a node of a cluster. Changes arrive with Put and Delete only,
	// and code stays until Sweep removes it. Later, Open without Replicated returns ErrReplicated.
	Replicated bool
	Now        func() time.Time // default time.Now
}

// The defaults of Options.
const (
	DefaultMaxBytes     = 256 << 20
	DefaultMaxCount     = 1000
	DefaultKeepVersions = 10
)

// Registry is an open folder of endpoints. It is safe for concurrent use.
type Registry struct {
	options Options
	disk    disk     // its root is nil if the registry is read-only and the folder does not exist
	lock    *os.File // nil if the registry is read-only
	locked  bool     // this process holds the lock
	damaged []DamagedManifest

	current atomic.Pointer[snapshot]

	mu     sync.Mutex // held during a change
	closed bool       // guarded by mu
}

// snapshot is the immutable state that readers see.
type snapshot struct {
	byName map[string]Endpoint
	sorted []Endpoint // by name
}

// DamagedManifest is a manifest that Open could not read. Its file is left in place. Its endpoint
// does not exist until it is deployed again.
type DamagedManifest struct {
	File string // path relative to the registry's folder
	Name string // of the endpoint, as far as it can be read; else the file
	Err  error
}

// Open opens the registry in dir, creating the folder if it does not exist, and removes the
// remains of an incomplete change. If another process has the registry open for writing, it returns
// ErrLocked.
func Open(dir string, o Options) (*Registry, error) {
	r := &Registry{options: o.withDefaults()}
	if err := r.open(dir); err != nil {
		return nil, fmt.Errorf("the models' folder %s cannot be used: %w", dir, errors.Join(err, r.Close()))
	}
	return r, nil
}

func (o Options) withDefaults() Options {
	o.MaxBytes = cmp.Or(o.MaxBytes, DefaultMaxBytes)
	o.MaxCount = cmp.Or(o.MaxCount, DefaultMaxCount)
	o.KeepVersions = cmp.Or(o.KeepVersions, DefaultKeepVersions)
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

func (r *Registry) open(dir string) (err error) {
	r.current.Store(&snapshot{})
	if !r.options.ReadOnly {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	info, err := os.Stat(dir)
	if r.options.ReadOnly && errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = checkFolder(dir, info)
	}
	if err == nil {
		r.disk, err = openDisk(dir)
	}
	if err == nil && !r.options.ReadOnly {
		err = r.prepare()
	}
	if err != nil {
		return err
	}
	return r.load()
}

// prepare takes the lock and creates the folders.
func (r *Registry) prepare() (err error) {
	if r.lock, err = r.disk.root.OpenFile(lockName, os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return err
	}
	err = osfile.Lock(r.lock)
	r.locked = err == nil
	if errors.Is(err, osfile.ErrLocked) {
		err = ErrLocked
	}
	if err == nil {
		err = r.disk.makeFolders()
	}
	if err == nil {
		err = r.removeServer() // left behind by a crash
	}
	if err == nil {
		err = r.checkReplicated()
	}
	return err
}

// load reads all manifests.
func (r *Registry) load() error {
	files, err := r.disk.names(endpointsDir)
	if r.options.ReadOnly && errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	byName := map[string]Endpoint{}
	for _, file := range files {
		e, err := r.readManifest(endpointsDir + "/" + file)
		if err != nil {
			r.damaged = append(r.damaged, r.describeDamage(endpointsDir+"/"+file, err))
			continue
		}
		byName[e.Name] = e
	}
	r.publish(byName)
	if r.options.ReadOnly {
		return nil
	}
	if err := r.removeTemps(); err != nil || r.options.Replicated {
		return err
	}
	return r.sweep()
}

// describeDamage returns the description of a manifest that could not be read because of err.
func (r *Registry) describeDamage(path string, err error) DamagedManifest {
	text, _ := r.disk.read(path, maxManifestBytes)
	return DamagedManifest{path, nameIn(text, path), err}
}

func (r *Registry) publish(byName map[string]Endpoint) {
	r.current.Store(&snapshot{byName, slices.SortedFunc(maps.Values(byName), compareNames)})
}

func compareNames(a, b Endpoint) int { return cmp.Compare(a.Name, b.Name) }

// List returns all endpoints in the order of their names. The caller must not change the slice.
func (r *Registry) List() []Endpoint { return r.current.Load().sorted }

// Get returns the endpoint of the given name, and false if there is none.
func (r *Registry) Get(name string) (Endpoint, bool) {
	e, ok := r.current.Load().byName[name]
	return e, ok
}

// maxAliasHops limits the length of a chain of aliases.
const maxAliasHops = 8

// Resolve follows aliases and returns the model at the end. It returns ErrNotFound if there is no
// endpoint of that name, and ErrInvalidTarget if it is an alias that leads to no model.
func (r *Registry) Resolve(name string) (Endpoint, error) {
	if _, ok := r.Get(name); !ok {
		return Endpoint{}, ErrNotFound
	}
	return r.view().resolve(name)
}

// DamagedManifests returns the manifests that could not be read when the registry was opened.
func (r *Registry) DamagedManifests() []DamagedManifest {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.damaged
}

// Content returns the code of a version. It returns ErrDamaged if the code on the disk is not the
// code that was deployed, or is missing, which also happens after another change removed the
// version.
func (r *Registry) Content(v Version) ([]byte, error) {
	if !sumPattern.MatchString(v.Sum) || r.disk.root == nil {
		return nil, ErrDamaged
	}
	content, err := r.disk.read(codeDir+"/"+v.Sum, v.Size)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if osfile.Digest(content) != v.Sum {
		return nil, fmt.Errorf("%w: the checksum of %s/%s is not its name", ErrDamaged, codeDir, v.Sum)
	}
	return content, nil
}

// Close releases the registry, so that another process can open it. Afterwards List and Get still
// work, and changes return ErrClosed.
func (r *Registry) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil
	}
	r.closed = true
	var errs []error
	if r.lock != nil {
		if r.locked {
			errs = append(errs, r.removeServer())
		}
		errs = append(errs, r.lock.Close())
	}
	if r.disk.root != nil {
		errs = append(errs, r.disk.root.Close())
	}
	return errors.Join(errs...)
}
