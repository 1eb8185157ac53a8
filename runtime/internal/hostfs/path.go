package hostfs

import (
	"hash/fnv"
	"os"
	"path"
	"strings"

	"tabcell/runtime/internal/grant"
)

// parse returns the path that a script has passed.
func parse(s string) (grant.Path, *grant.Error) {
	p, err := grant.ParsePath(s)
	if err != nil {
		return p, grant.Errorf(grant.NotFound, "%s: %v", shown(s), err)
	}
	return p, nil
}

// find returns the folder that has the path, and the path below it. The innermost folder wins. It
// returns nil if none has it.
func (fs *FS) find(p grant.Path) (found *mount, rest []string) {
	for _, m := range fs.mounts {
		if below, ok := p.Below(m.path); ok && (found == nil || len(m.path.Parts) > len(found.path.Parts)) {
			found, rest = m, below
		}
	}
	return found, rest
}

// isAbove reports whether a granted folder is below the path.
func (fs *FS) isAbove(p grant.Path) bool {
	for _, m := range fs.mounts {
		if _, ok := m.path.Below(p); ok {
			return true
		}
	}
	return false
}

// relative returns a path below a root for os.Root, whose separator is that of the host.
func relative(rest []string) string {
	if len(rest) == 0 {
		return "."
	}
	return strings.Join(rest, string(os.PathSeparator))
}

// shownPath returns the path in the cell.
func shownPath(m *mount, rest []string) string {
	p := m.path
	p.Parts = append(append([]string{}, p.Parts...), rest...)
	return p.String()
}

// idOf returns a number that stands for a path.
func idOf(p grant.Path) uint64 {
	text := p.String()
	if p.Windows() {
		text = strings.ToLower(text)
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(text)) // does not return an error
	return h.Sum64() | 1
}

// maxFolded is the number of entries of a folder that are compared without regard to case.
const maxFolded = 10_000

// fold returns the path below the root. A script's Windows path has any case, while the names of
// most hosts have one: a name that does not exist is replaced by the first that differs in case
// only.
func (m *mount) fold(root *os.Root, rest []string) string {
	exact := relative(rest)
	if !m.path.Windows() {
		return exact
	}
	if _, err := root.Lstat(exact); err == nil {
		return exact
	}
	at := "."
	for _, part := range rest {
		next := path.Join(at, part)
		if _, err := root.Lstat(next); err != nil {
			next = path.Join(at, foldedName(root, at, part))
		}
		at = next
	}
	return at
}

// foldedName returns the name in a folder that differs from name in case only, or name.
func foldedName(root *os.Root, folder, name string) string {
	dir, err := root.Open(folder)
	if err != nil {
		return name
	}
	defer func() { _ = dir.Close() }()
	names, _ := dir.Readdirnames(maxFolded)
	for _, n := range names {
		if strings.EqualFold(n, name) {
			return n
		}
	}
	return name
}

// Covers reports whether a path is in a granted folder or above one.
func (fs *FS) Covers(path string) bool {
	p, err := parse(path)
	if err != nil {
		return false
	}
	m, _ := fs.find(p)
	return m != nil || fs.isAbove(p)
}
