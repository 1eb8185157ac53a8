package hostfs

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tabcell/runtime/internal/grant"
)

// Entry is an entry of a folder.
type Entry struct {
	Name string
	Kind Kind
}

// listing has the entries of a folder, so that a guest that reads them in pieces gets those of one
// moment.
type listing struct {
	path    string
	entries []Entry
}

// List returns the entries of a folder as bytes, at most size of them, from the entry with the given
// number on: for each, the kind and the length of the name as little-endian numbers of 32 bits, and
// the name. At the end there are no bytes. The entries are sorted by name. With the number 0, the
// folder is read again.
func (fs *FS) List(path string, size uint32, first uint32) ([]byte, *grant.Error) {
	if first == 0 || fs.list.path != path {
		entries, err := fs.readFolder(path)
		if err != nil {
			return nil, err
		}
		fs.list = listing{path, entries}
	}
	entries := fs.list.entries[min(int(first), len(fs.list.entries)):]
	var b []byte
	for _, e := range entries {
		if len(b)+8+len(e.Name) > int(size) {
			break
		}
		b = binary.LittleEndian.AppendUint32(b, uint32(e.Kind))
		b = binary.LittleEndian.AppendUint32(b, uint32(len(e.Name)))
		b = append(b, e.Name...)
	}
	if len(b) == 0 && len(entries) > 0 {
		return nil, grant.Errorf(grant.Invalid, "the room for the names of a folder is too small")
	}
	return b, nil
}

// readFolder returns the entries of a folder, with the granted folders in it.
func (fs *FS) readFolder(path string) (entries []Entry, failed *grant.Error) {
	p, failed := parse(path)
	if failed != nil {
		return nil, failed
	}
	m, rest := fs.find(p)
	if m == nil && !fs.isAbove(p) {
		return nil, fs.refuse(nil, path, NoGrant(path, fs.options.Grants.OwnerText()))
	}
	if m != nil {
		fs.options.Used()
		var err error
		entries, err = run(fs.ctx, func() ([]Entry, error) { return m.list(rest) })
		if err != nil {
			failed = failure(path, err)
			fs.recordList(p, nil, failed)
			return nil, failed
		}
		fs.recordList(p, entries, nil)
	}
	entries = fs.withMounts(entries, p)
	slices.SortFunc(entries, func(a, b Entry) int { return strings.Compare(a.Name, b.Name) })
	return slices.CompactFunc(entries, func(a, b Entry) bool { return a.Name == b.Name }), nil
}

// withMounts adds the next part of the paths of granted folders below p.
func (fs *FS) withMounts(entries []Entry, p grant.Path) []Entry {
	for _, m := range fs.mounts {
		if below, ok := m.path.Below(p); ok && len(below) > 0 {
			entries = append(entries, Entry{below[0], Folder})
		}
	}
	return entries
}

// list returns the files and folders in a folder, in any order. A link has the kind of its target.
func (m *mount) list(rest []string) ([]Entry, error) {
	root, err := m.open()
	if err != nil {
		return nil, err
	}
	name := m.fold(root, rest)
	info, err := root.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, grant.Errorf(grant.NotFolder, "%s is not a folder", shown(shownPath(m, rest)))
	}
	dir, err := root.OpenFile(name, os.O_RDONLY|openFlags, 0)
	if err != nil {
		return nil, err
	}
	defer func() { _ = dir.Close() }()
	found, err := dir.ReadDir(maxList + 1)
	if len(found) > maxList {
		return nil, grant.Errorf(grant.Limit, "%s has more than %d entries, the most that a script may list", shown(shownPath(m, rest)), maxList)
	}
	if len(found) == 0 && err != nil && err.Error() != "EOF" {
		return nil, err
	}
	var entries []Entry
	for _, e := range found {
		if kind := kindOf(root, name, e); kind != 0 {
			entries = append(entries, Entry{e.Name(), kind})
		}
	}
	return entries, nil
}

// kindOf returns the kind of an entry, or 0 if it is neither a file nor a folder, or a link that
// leads nowhere or out of the folder.
func kindOf(root *os.Root, folder string, e os.DirEntry) Kind {
	mode := e.Type()
	if mode&os.ModeSymlink != 0 {
		info, err := root.Stat(filepath.Join(folder, e.Name()))
		if err != nil {
			return 0
		}
		mode = info.Mode()
	}
	switch {
	case mode.IsDir():
		return Folder
	case mode.IsRegular():
		return File
	}
	return 0
}
