package authn

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tabcell/runtime/osfile"
)

// The reasons for which a password file is not changed.
var (
	ErrExists      = errors.New("the user name is already in the file")
	ErrNotFound    = errors.New("the user name is not in the file")
	ErrLastAccount = errors.New("it is the only account; a server does not start with an empty password file, so add another account first")
	errFileChanged = errors.New("another process changed the file in the meantime; nothing was written, try again")
)

// Add appends an account.
func (f *File) Add(name, hashText string) error {
	if err := CheckName(name); err != nil {
		return err
	}
	if f.find(name) >= 0 {
		return ErrExists
	}
	name = foldName(name)
	f.lines = append(f.lines, joinFields(name, hashText))
	f.Accounts = append(f.Accounts, Account{Name: name, Line: len(f.lines)})
	return nil
}

// Update replaces an account's hash. The spelling of the name in the file is kept; a line of
// htpasswd becomes one of TabPy's form.
func (f *File) Update(name, hashText string) error {
	i := f.find(name)
	if i < 0 {
		return ErrNotFound
	}
	index := f.Accounts[i].Line - 1
	spelling := f.Accounts[i].Name
	if fields, err := splitEntry(f.lines[index]); err == nil && len(fields) > 0 {
		spelling = fields[0]
	}
	f.lines[index] = joinFields(spelling, hashText)
	return nil
}

// Remove removes an account. It returns ErrLastAccount if it is the only one.
func (f *File) Remove(name string) error {
	i := f.find(name)
	switch {
	case i < 0:
		return ErrNotFound
	case len(f.Accounts) == 1:
		return ErrLastAccount
	}
	line := f.Accounts[i].Line
	f.lines = slices.Delete(f.lines, line-1, line)
	f.Accounts = slices.Delete(f.Accounts, i, i+1)
	for k := range f.Accounts {
		if f.Accounts[k].Line > line {
			f.Accounts[k].Line--
		}
	}
	return nil
}

// Bytes returns the content of the file. Every line has a line ending, including the last one.
func (f *File) Bytes() []byte {
	var b bytes.Buffer
	for _, line := range f.lines {
		b.WriteString(line)
		b.WriteString(f.ending)
	}
	return b.Bytes()
}

// Edit replaces a password file with a changed copy. A reader sees either the old file or the new
// one, even after a crash. If create is set, a file that does not exist counts as empty. Edit
// returns an error and writes nothing if the file has invalid lines, or if another process changed
// it in the meantime. GAP: tabpy-user loses the comments, and if a line is invalid, all accounts.
//
// The new file has mode 0600, except that mode 0640, which lets only the group read it as well, is
// kept. The owner and group are kept if the system permits it.
func Edit(path string, create bool, change func(*File) error) error {
	path, old, err := readForEdit(path, create)
	if err != nil {
		return err
	}
	f, err := Parse(old)
	if err != nil {
		return fmt.Errorf("%s was not changed because it has invalid lines:\n%w", path, err)
	}
	if err := change(f); err != nil {
		return err
	}
	return replaceFile(path, old, f.Bytes())
}

// readForEdit reads the file and returns its path with symbolic links resolved, so that Edit
// replaces the target and keeps the link.
func readForEdit(path string, create bool) (string, []byte, error) {
	target, err := filepath.EvalSymlinks(path)
	if create && errors.Is(err, fs.ErrNotExist) {
		return path, nil, nil
	}
	if err != nil {
		return path, nil, err
	}
	old, err := readLimited(target)
	return target, old, err
}

// replaceFile replaces the file if its content is still old.
func replaceFile(path string, old, content []byte) error {
	w := osfile.Writer{
		Prepare: func(temp *os.File) error { return keepAccess(path, temp) },
		Check:   func() error { return checkUnchanged(path, old) },
	}
	err := w.Replace(path, content)
	if errors.Is(err, osfile.ErrNotFlushed) {
		return nil // the edit has succeeded; some file systems cannot flush a directory
	}
	return err
}

// checkUnchanged returns an error if the content of the file is not old. A missing file is empty.
func checkUnchanged(path string, old []byte) error {
	current, err := readLimited(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if !bytes.Equal(current, old) {
		return errFileChanged
	}
	return nil
}

// keepAccess gives the new file the old one's owner and group, and mode 0640 if the old one had it.
func keepAccess(path string, temp *os.File) error {
	info, err := os.Stat(path)
	if err != nil {
		return nil // there is no old file
	}
	owned := copyOwner(info, temp)
	if owned && info.Mode().Perm() == 0o640 {
		return temp.Chmod(0o640)
	}
	return nil
}

// Exposure describes the access that users other than the file's owner and group have to it, or
// returns "" if they have none. It always returns "" on systems without permission bits (Windows).
func Exposure(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return ""
	}
	var exposure []string
	if osfile.Exposed(info, 0o004) != 0 {
		exposure = append(exposure, "every user of this machine can read it")
	}
	if osfile.Exposed(info, 0o022) != 0 {
		exposure = append(exposure, "users other than its owner can write it")
	}
	return strings.Join(exposure, ", and ")
}
