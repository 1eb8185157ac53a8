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

// Options say how much a registry keeps. Zero fields mean the defaults.
type Options struct {
	MaxBytes     int64 // of one version's code. Default 100 MiB
	MaxCount     int   // endpoints. Default 1000
	KeepVersions int   // versions of an endpoint, the current one included. Default 10
	// ReadOnly opens a folder that another process may be writing to; nothing is changed then, not even swept.
	ReadOnly bool
	Now      func() time.Time // default time.Now
}

// The defaults of Options.
const (
	DefaultMaxBytes     = 100 << 20
	DefaultMaxCount     = 1000
	DefaultKeepVersions = 10
)

// Registry is an open folder of endpoints. Its methods may be called from any goroutine.
type Registry struct {
	options Options
	disk    disk
	lock    *os.File // nil when read-only
	damages []DamagedManifest

	current atomic.Pointer[snapshot]

	mu     sync.Mutex // held by changes
	closed bool       // guarded by mu
}

// snapshot is what readers see; it is never changed.
type snapshot struct {
	byName map[string]Endpoint
	sorted []Endpoint // by name
}

// DamagedManifest is a manifest that cannot be read. It is left where it is; its endpoint does not exist until it is deployed again.
type DamagedManifest struct {
	File string // below the registry's folder
	Err  error
}

// Open opens the registry in dir and makes the folder if there is none. It sweeps away what an unfinished change left behind. Errors:
// ErrLocked when another process has it open for writing.
func Open(dir string, o Options) (*Registry, error) {
	r := &Registry{options: o.filled()}
	err := r.open(dir)
	if err != nil {
		return nil, fmt.Errorf("the models' folder %s cannot be used: %w", dir, errors.Join(err, r.Close()))
	}
	return r, nil
}

func (o Options) filled() Options {
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

// prepare takes the lock and makes the folders.
func (r *Registry) prepare() (err error) {
	if r.lock, err = r.disk.root.OpenFile(lockName, os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return err
	}
	if err := lock(r.lock); err != nil {
		return err
	}
	return r.disk.makeFolders()
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
			r.damages = append(r.damages, DamagedManifest{endpointsDir + "/" + file, err})
			continue
		}
		byName[e.Name] = e
	}
	r.publish(byName)
	if r.options.ReadOnly {
		return nil
	}
	return r.sweep()
}

func (r *Registry) readManifest(file string) (Endpoint, error) {
	text, err := r.disk.read(file, mostManifest)
	if err != nil {
		return Endpoint{}, err
	}
	return decodeManifest(file, text)
}

// sweep removes what no manifest refers to. A damaged manifest may refer to anything: then code stays.
func (r *Registry) sweep() error {
	temps, err := r.disk.names(tempDir)
	if err != nil {
		return err
	}
	for _, name := range temps {
		if err := r.disk.root.Remove(tempDir + "/" + name); err != nil {
			return err
		}
	}
	if len(r.damages) > 0 {
		return nil
	}
	files, err := r.disk.names(codeDir)
	if err != nil {
		return err
	}
	used := r.used()
	for _, name := range files {
		if !used[name] {
			if err := r.disk.root.Remove(codeDir + "/" + name); err != nil {
				return err
			}
		}
	}
	return nil
}

// used are the sums that some version has.
func (r *Registry) used() map[string]bool {
	used := map[string]bool{}
	for _, e := range r.current.Load().sorted {
		for _, sum := range e.sums() {
			used[sum] = true
		}
	}
	return used
}

func (r *Registry) publish(byName map[string]Endpoint) {
	sorted := slices.SortedFunc(maps.Values(byName), func(a, b Endpoint) int { return cmp.Compare(a.Name, b.Name) })
	r.current.Store(&snapshot{byName, sorted})
}

// List are all endpoints, by name. The slice is the caller's to read.
func (r *Registry) List() []Endpoint { return r.current.Load().sorted }

// Get is one endpoint.
func (r *Registry) Get(name string) (Endpoint, bool) {
	e, ok := r.current.Load().byName[name]
	return e, ok
}

// DamagedManifests are the manifests that could not be read when the registry was opened.
func (r *Registry) DamagedManifests() []DamagedManifest { return r.damages }

// Content is the code of a version. Errors: ErrDamaged when it is not what was deployed; also after another change removed the version.
func (r *Registry) Content(v Version) ([]byte, error) {
	if !sumPattern.MatchString(v.Sum) || r.disk.root == nil {
		return nil, ErrDamaged
	}
	content, err := r.disk.read(codeDir+"/"+v.Sum, v.Size)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if osfile.Digest(content) != v.Sum {
		return nil, fmt.Errorf("%w: %s/%s has another checksum than its name", ErrDamaged, codeDir, v.Sum)
	}
	return content, nil
}

// Close lets another process have the registry. What was read stays readable; changes are ErrClosed.
func (r *Registry) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil
	}
	r.closed = true
	var errs []error
	if r.lock != nil {
		errs = append(errs, r.lock.Close())
	}
	if r.disk.root != nil {
		errs = append(errs, r.disk.root.Close())
	}
	return errors.Join(errs...)
}
