package hostfs

import (
	"context"
	"io"
	"os"
	"sync/atomic"
	"time"

	"tabcell/runtime/internal/grant"
)

// The bounds of one call.
const (
	MaxOpen    = 128       // open files
	MaxRead    = 1 << 20   // bytes of one Read
	maxOpens   = 10_000    // opened files, one after the other
	maxRefused = 100       // refused attempts that are reported
	maxSize    = 1<<31 - 1 // bytes of a file
)

// maxList is the number of entries of a folder. It is a variable for tests.
var maxList = 20_000

// Kind is the kind of an entry of a folder.
type Kind uint32

// The kinds. There are no others.
const (
	File   Kind = 1
	Folder Kind = 2
)

// Info describes a file or a folder.
type Info struct {
	Kind    Kind
	Size    uint64 // of a file in bytes
	ModTime int64  // nanoseconds since 1970
	ID      uint64 // of the path; not 0
}

// Options connect an FS with its call.
type Options struct {
	Grants *grant.Grants // not nil
	Used   func()        // called before each use of a grant that is permitted
	Record bool          // keep the state of all that is used, for State
}

// FS shows the granted folders to one call. Its methods are called by one goroutine at a time.
type FS struct {
	ctx     context.Context
	options Options
	mounts  []*mount
	files   map[int32]*file
	opens   int
	refused int
	list    listing // the last one
	records map[string]record
}

// file is an open file.
type file struct {
	file  *os.File
	grant *grant.Grant
	path  string // as the script wrote it
	begun time.Time
	read  int64 // bytes
}

// handles counts the open files of the process.
var handles atomic.Uint32

// New returns the file system of a call. ctx is that of the call. It opens no folder yet. The caller
// must call End.
func New(ctx context.Context, o Options) *FS {
	fs := &FS{ctx: ctx, options: o, files: map[int32]*file{}}
	for _, g := range o.Grants.List {
		for _, f := range g.Folders {
			if p, err := grant.ParsePath(f.Guest); err == nil {
				fs.mounts = append(fs.mounts, &mount{grant: g, host: f.Host, path: p})
			}
		}
	}
	return fs
}

// End closes all files and folders.
func (fs *FS) End() {
	for handle := range fs.files {
		_ = fs.Close(handle)
	}
	for _, m := range fs.mounts {
		m.close()
	}
}

// Stat describes the file or folder at a path. Paths outside of the granted folders do not exist,
// except for the folders above them.
func (fs *FS) Stat(path string) (Info, *grant.Error) {
	p, err := parse(path)
	if err != nil {
		return Info{}, err
	}
	m, rest := fs.find(p)
	if m == nil {
		if fs.isAbove(p) {
			return Info{Kind: Folder, ID: idOf(p)}, nil
		}
		return Info{}, notFound(path)
	}
	fs.options.Used()
	info, err := fs.stat(m, rest)
	fs.record(p, info, err)
	info.ID = idOf(p)
	return info, err
}

// Open opens a regular file and returns its handle.
func (fs *FS) Open(path string) (int32, *grant.Error) {
	p, err := parse(path)
	if err != nil {
		return 0, err
	}
	m, rest := fs.find(p)
	if m == nil {
		if fs.isAbove(p) {
			return 0, isFolder(path)
		}
		return 0, fs.refuse(nil, path, NoGrant(path, fs.options.Grants.OwnerText()))
	}
	if err := fs.mayOpen(m.grant); err != nil {
		return 0, fs.refuse(m.grant, path, err)
	}
	fs.options.Used()
	opened, info, err := fs.open(m, rest)
	fs.record(p, info, err)
	if err != nil {
		return 0, fs.refuse(m.grant, path, err)
	}
	fs.opens++
	handle := int32(handles.Add(1) & 0x7fffffff)
	fs.files[handle] = &file{file: opened, grant: m.grant, path: path, begun: time.Now()}
	return handle, nil
}

// mayOpen returns an error if the call must not open another file.
func (fs *FS) mayOpen(g *grant.Grant) *grant.Error {
	if len(fs.files) >= MaxOpen {
		return grant.Errorf(grant.Limit, "the script has %d files of the host open, the most that one may have; close some first", MaxOpen)
	}
	if fs.opens >= maxOpens {
		return grant.Errorf(grant.Limit, "the script has opened %d files of the host, the most that one may open", maxOpens)
	}
	return nil
}

// Read reads bytes at an offset, at most MaxRead, and returns them. At the end there are none.
func (fs *FS) Read(handle int32, n uint32, offset uint64) ([]byte, *grant.Error) {
	f := fs.files[handle]
	if f == nil {
		return nil, grant.Errorf(grant.BadHandle, "the file is closed")
	}
	if offset > maxSize || n == 0 {
		return nil, nil
	}
	b, err := run(fs.ctx, func() ([]byte, error) {
		b := make([]byte, min(n, MaxRead))
		got, err := f.file.ReadAt(b, int64(offset))
		if err == io.EOF {
			err = nil
		}
		return b[:got], err
	})
	if err != nil {
		return nil, failure(f.path, err)
	}
	f.read += int64(len(b))
	return b, nil
}

// Close closes a file.
func (fs *FS) Close(handle int32) *grant.Error {
	f := fs.files[handle]
	if f == nil {
		return grant.Errorf(grant.BadHandle, "the file is closed")
	}
	delete(fs.files, handle)
	_ = f.file.Close() // it was read only
	fs.observe(grant.Use{Grant: f.grant.Name, Target: f.path, In: f.read, Duration: time.Since(f.begun), Outcome: grant.OutcomeOK})
	return nil
}

// refuse reports a refused attempt and returns err. A path that no host has is not refused.
func (fs *FS) refuse(g *grant.Grant, path string, err *grant.Error) *grant.Error {
	if g == nil && err.Code == grant.NotFound {
		return err
	}
	if fs.refused++; fs.refused > maxRefused {
		return err
	}
	name := ""
	if g != nil {
		name = g.Name
	}
	fs.observe(grant.Use{Grant: name, Target: path, Outcome: err.Code.Outcome(), Error: err.Text})
	return err
}

// observe reports a use.
func (fs *FS) observe(u grant.Use) {
	u.Owner, u.Kind = fs.options.Grants.Owner, grant.UseFile
	if report := fs.options.Grants.Observe; report != nil {
		report(u)
	}
}
