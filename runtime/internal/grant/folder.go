package grant

import (
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"strings"
)

// Folder is a folder of the host that scripts may read, and its path in the cell.
type Folder struct {
	Host string // an absolute path of the host
	// Guest is the path by which scripts know the folder: /srv/models, C:\models or
	// \\server\share\models.
	Guest string
}

// reserved are the folders of a cell that no folder of the host may hide.
var reserved = []string{"/lib", "/tmp", "/dev"}

// ParseFolder parses a folder: HOST or HOST=GUEST. It does not look at the file system.
func ParseFolder(s string) (Folder, error) {
	host, guestPath := s, s
	if i := strings.LastIndexByte(s, '='); i >= 0 {
		host, guestPath = strings.TrimSpace(s[:i]), strings.TrimSpace(s[i+1:])
	}
	if !filepath.IsAbs(host) {
		return Folder{}, fmt.Errorf("%q: the path of a folder must be absolute", host)
	}
	p, err := ParsePath(guestPath)
	if err != nil {
		return Folder{}, fmt.Errorf("%q: %w; write it as in /srv/models or C:\\models", guestPath, err)
	}
	if len(p.Parts) == 0 {
		return Folder{}, fmt.Errorf("%q: a whole file system cannot be granted; choose a folder", guestPath)
	}
	for _, r := range reserved {
		if p.Windows() {
			break
		}
		if text := p.String(); text == r || strings.HasPrefix(text, r+"/") {
			return Folder{}, fmt.Errorf("%q: cells have a folder %s of their own; choose another path, as in %s=/data", guestPath, r, host)
		}
	}
	return Folder{Host: filepath.Clean(host), Guest: p.String()}, nil
}

// Path is an absolute path in a cell without "." and "..".
type Path struct {
	Volume string   // "" for POSIX, "C:" or `\\server\share`
	Parts  []string // below the root
}

// maxPath is the maximum length of a path in bytes.
const maxPath = 4096

// ParsePath parses an absolute path of a cell in the manner of POSIX, or of Windows if it has a
// volume. ".." is removed without a look at links, and stays below the root.
func ParsePath(s string) (Path, error) {
	if len(s) > maxPath || strings.ContainsRune(s, 0) {
		return Path{}, fmt.Errorf("a path has at most %d bytes and no NUL", maxPath)
	}
	volume, rest := splitVolume(s)
	if volume != "" {
		rest = strings.ReplaceAll(rest, `\`, "/")
	}
	if !strings.HasPrefix(rest, "/") {
		return Path{}, errors.New("the path is not absolute")
	}
	p := Path{Volume: volume}
	if clean := path.Clean(rest)[1:]; clean != "" {
		p.Parts = strings.Split(clean, "/")
	}
	return p, nil
}

// splitVolume splits the volume off a Windows path: a drive in upper case, or a share. Other paths
// have none.
func splitVolume(s string) (volume, rest string) {
	if len(s) >= 3 && s[1] == ':' && (s[2] == '\\' || s[2] == '/') && isLetter(s[0]) {
		return strings.ToUpper(s[:2]), s[2:]
	}
	if unc, ok := strings.CutPrefix(s, `\\`); ok {
		parts := strings.SplitN(strings.ReplaceAll(unc, `\`, "/"), "/", 3)
		if len(parts) >= 2 && parts[0] != "" && parts[1] != "" && parts[0] != "?" && parts[0] != "." {
			return `\\` + parts[0] + `\` + parts[1], "/" + strings.Join(parts[2:], "/")
		}
	}
	return "", s
}

func isLetter(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' }

// Windows reports whether the path has a volume. Such paths are compared without regard to case.
func (p Path) Windows() bool { return p.Volume != "" }

// String returns the path with the separators of its system.
func (p Path) String() string {
	separator := "/"
	if p.Windows() {
		separator = `\`
	}
	return p.Volume + separator + strings.Join(p.Parts, separator)
}

// Below returns the parts of p below root, or false if p is neither root nor below it.
func (p Path) Below(root Path) (rest []string, ok bool) {
	if len(p.Parts) < len(root.Parts) || !p.equal(p.Volume, root.Volume) {
		return nil, false
	}
	for i, part := range root.Parts {
		if !p.equal(part, p.Parts[i]) {
			return nil, false
		}
	}
	return p.Parts[len(root.Parts):], true
}

func (p Path) equal(a, b string) bool {
	if p.Windows() {
		return strings.EqualFold(a, b)
	}
	return a == b
}

// Overlaps reports whether one of the folders is the other one, or inside of it, in the cell.
func (f Folder) Overlaps(other Folder) bool {
	a, errA := ParsePath(f.Guest)
	b, errB := ParsePath(other.Guest)
	if errA != nil || errB != nil {
		return false
	}
	_, inside := a.Below(b)
	_, around := b.Below(a)
	return inside || around
}
