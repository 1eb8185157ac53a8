package hostfs

import (
	"io/fs"
	"os"
	"sync"

	"tabcell/runtime/internal/grant"
)

// mount is a granted folder.
type mount struct {
	grant *grant.Grant
	host  string
	path  grant.Path // in the cell

	mu     sync.Mutex // an operation that was left behind may still open the root
	root   *os.Root   // guarded by mu; nil until it is needed
	closed bool       // guarded by mu
}

// open returns the root of the folder.
func (m *mount) open() (*os.Root, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return nil, fs.ErrClosed
	}
	if m.root != nil {
		return m.root, nil
	}
	root, err := openRoot(m.host)
	if err == nil {
		m.root = root
	}
	return root, err
}

// openRoot opens a folder, which must not be a link: one that has become a link since the
// configuration was read could lead anywhere.
func openRoot(host string) (*os.Root, error) {
	root, err := os.OpenRoot(host)
	if err != nil {
		return nil, err
	}
	named, err := os.Lstat(host)
	opened, statErr := root.Stat(".")
	if err == nil && statErr == nil && os.SameFile(named, opened) {
		return root, nil
	}
	_ = root.Close()
	return nil, grant.Errorf(grant.Denied, "the granted folder has been replaced by a link; the administrator has to reload the configuration")
}

func (m *mount) close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	if m.root != nil {
		_ = m.root.Close()
	}
}

// stat describes a path below a folder. The ID is not set.
func (fs *FS) stat(m *mount, rest []string) (Info, *grant.Error) {
	name := shownPath(m, rest)
	info, err := run(fs.ctx, func() (os.FileInfo, error) {
		root, err := m.open()
		if err != nil {
			return nil, err
		}
		return root.Stat(m.fold(root, rest))
	})
	if err != nil {
		return Info{}, failure(name, err)
	}
	return describe(name, info)
}

// describe returns the Info of a file or folder. Others are refused.
func describe(name string, info os.FileInfo) (Info, *grant.Error) {
	switch {
	case info.IsDir():
		return Info{Kind: Folder, ModTime: info.ModTime().UnixNano()}, nil
	case !info.Mode().IsRegular():
		return Info{}, notFile(name)
	case info.Size() > maxSize:
		return Info{}, grant.Errorf(grant.Limit, "%s has more than 2 GB, the most that a file in a cell may have", shown(name))
	}
	return Info{Kind: File, Size: uint64(info.Size()), ModTime: info.ModTime().UnixNano()}, nil
}

// open opens a regular file below a folder.
func (fs *FS) open(m *mount, rest []string) (*os.File, Info, *grant.Error) {
	name := shownPath(m, rest)
	info, failed := fs.stat(m, rest)
	if failed != nil {
		return nil, info, failed
	}
	if info.Kind == Folder {
		return nil, info, isFolder(name)
	}
	file, err := run(fs.ctx, func() (*os.File, error) { return m.openFile(rest) })
	if err != nil {
		return nil, info, failure(name, err)
	}
	// The file may have been replaced since it was described.
	opened, err := file.Stat()
	if err == nil {
		info, failed = describe(name, opened)
	} else {
		failed = failure(name, err)
	}
	if failed == nil && info.Kind == Folder {
		failed = isFolder(name)
	}
	if failed != nil {
		_ = file.Close()
		return nil, info, failed
	}
	return file, info, nil
}

// openFile opens a path below the folder. It does not wait for the other side of a pipe.
func (m *mount) openFile(rest []string) (*os.File, error) {
	root, err := m.open()
	if err != nil {
		return nil, err
	}
	return root.OpenFile(m.fold(root, rest), os.O_RDONLY|openFlags, 0)
}
