package osfile

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// ErrNotFlushed means that the change was made and is visible, but that its folder could not be
// flushed to the disk: after a power failure, the state before the change may be back.
var ErrNotFlushed = errors.New("the change was made, but its folder could not be flushed to the disk")

// Step is one step of a change to a folder.
type Step string

// The steps, in the order in which Replace takes them.
const (
	StepCreate      Step = "create"
	StepWrite       Step = "write"
	StepFlush       Step = "flush"
	StepRename      Step = "rename"
	StepFlushFolder Step = "flush folder"
	StepRemove      Step = "remove" // of Remove only
)

// Writer replaces and removes files. A reader of a file sees its old content or its new content,
// also after a crash of the process or of the machine. The zero Writer is ready to use.
type Writer struct {
	// Root, if not nil, is the folder that names are relative to. Nothing outside of it can be
	// reached, not even through symbolic links in it. If it is nil, names are ordinary paths.
	Root *os.Root
	// TempDir is the folder for temporary files, which must be on the same file system as the files
	// that are replaced. If it is empty, it is the folder of the file.
	TempDir string
	// Mode has the permissions of new files, regardless of the umask. If it is 0, they are 0600.
	Mode fs.FileMode
	// Prepare, if not nil, is called with the written temporary file, for example to set its owner.
	Prepare func(temp *os.File) error
	// Check, if not nil, is called just before the old file is replaced. If it returns an error,
	// the old file stays.
	Check func() error
	// Fault, if not nil, is called before each step. If it returns an error, the step fails with
	// it. Tests inject failures with it.
	Fault func(Step) error
}

// folder has the operations that os.Root and the package os have in common.
type folder interface {
	OpenFile(name string, flag int, perm fs.FileMode) (*os.File, error)
	Rename(from, to string) error
	Remove(name string) error
}

// paths is the folder of a Writer without a root.
type paths struct{}

func (paths) OpenFile(name string, flag int, perm fs.FileMode) (*os.File, error) {
	return os.OpenFile(name, flag, perm)
}
func (paths) Rename(from, to string) error { return os.Rename(from, to) }
func (paths) Remove(name string) error     { return os.Remove(name) }

func (w Writer) folder() folder {
	if w.Root != nil {
		return w.Root
	}
	return paths{}
}

// Replace creates the named file with the given content, or replaces it as a whole. If the error is
// not ErrNotFlushed, the file is as it was before, and the temporary file is removed.
func (w Writer) Replace(name string, content []byte) error {
	temp := w.tempName(name)
	if err := w.writeTemp(temp, content); err != nil {
		return err
	}
	if err := w.rename(temp, name); err != nil {
		return errors.Join(err, w.folder().Remove(temp))
	}
	return w.FlushFolder(filepath.Dir(name))
}

// tempName returns a random name that begins with a dot, so that programs that list the folder skip
// it, and contains the name of the file, so that an administrator can identify a leftover.
func (w Writer) tempName(name string) string {
	return filepath.Join(cmp.Or(w.TempDir, filepath.Dir(name)), "."+filepath.Base(name)+"."+rand.Text())
}

func (w Writer) writeTemp(temp string, content []byte) error {
	if err := w.fault(StepCreate); err != nil {
		return err
	}
	f, err := w.folder().OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	// Windows neither renames nor removes an open file.
	if err := errors.Join(w.fill(f, content), f.Close()); err != nil {
		return errors.Join(err, w.folder().Remove(temp))
	}
	return nil
}

func (w Writer) fill(f *os.File, content []byte) error {
	if err := w.fault(StepWrite); err != nil {
		return err
	}
	if _, err := f.Write(content); err != nil {
		return err
	}
	if w.Mode != 0 && w.Mode != 0o600 {
		if err := f.Chmod(w.Mode); err != nil {
			return err
		}
	}
	if w.Prepare != nil {
		if err := w.Prepare(f); err != nil {
			return err
		}
	}
	if err := w.fault(StepFlush); err != nil {
		return err
	}
	return f.Sync()
}

func (w Writer) rename(temp, name string) error {
	if w.Check != nil {
		if err := w.Check(); err != nil {
			return err
		}
	}
	if err := w.fault(StepRename); err != nil {
		return err
	}
	return w.folder().Rename(temp, name)
}

// Remove removes the named file. If the error is not ErrNotFlushed, the file is still there.
func (w Writer) Remove(name string) error {
	if err := w.fault(StepRemove); err != nil {
		return err
	}
	if err := w.folder().Remove(name); err != nil {
		return err
	}
	return w.FlushFolder(filepath.Dir(name))
}

// FlushFolder flushes the entries of the named folder to the disk, so that the files that were
// created, renamed or removed in it stay so after a power failure. It does nothing on Windows,
// whose file system keeps a journal of them, and on file systems that cannot flush a folder. The
// error, if any, is ErrNotFlushed.
func (w Writer) FlushFolder(name string) error {
	err := w.fault(StepFlushFolder)
	if err == nil {
		err = flushFolder(w.folder(), name)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNotFlushed, err)
	}
	return nil
}

func (w Writer) fault(s Step) error {
	if w.Fault == nil {
		return nil
	}
	return w.Fault(s)
}
