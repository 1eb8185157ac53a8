// Package archive writes archives in the formats tar.gz and zip. The same files give the same
// bytes: entries are sorted, belong to root, and have one time and a mode that does not depend on
// the machine.
package archive

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// File is a file of an archive.
type File struct {
	Source     string // the path of its content; if it is empty, Text is the content
	Text       []byte
	Executable bool
}

// Files are the files of an archive by their paths, which have slashes.
type Files map[string]File

// AddFolder adds the files below a folder of this machine under the path to. Files whose names
// begin with a dot are left out.
func (f Files) AddFolder(to, from string) error {
	return filepath.WalkDir(from, func(file string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), ".") {
			return err
		}
		if !d.Type().IsRegular() {
			return fmt.Errorf("%s is not a regular file", file)
		}
		below, err := filepath.Rel(from, file)
		f[path.Join(to, filepath.ToSlash(below))] = File{Source: file}
		return err
	})
}

// format writes the entries of an archive.
type format interface {
	// add starts an entry and returns the writer for its content.
	add(name string, mode os.FileMode, size int64, modified time.Time) (io.Writer, error)
	Close() error
}

// Write writes an archive. Its format follows from the extension of its name: .zip, .tar.gz or
// .tgz. If an error occurs, no file is left.
func Write(name string, files Files, modified time.Time) (err error) {
	out, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() {
		if err = errors.Join(err, out.Close()); err != nil {
			err = errors.Join(fmt.Errorf("%s: %w", name, err), os.Remove(name))
		}
	}()
	f, err := newFormat(name, out)
	if err != nil {
		return err
	}
	for _, path := range slices.Sorted(maps.Keys(files)) {
		if err := files[path].write(f, path, modified.UTC()); err != nil {
			return err
		}
	}
	return f.Close()
}

func newFormat(name string, out io.Writer) (format, error) {
	switch {
	case strings.HasSuffix(name, ".zip"):
		return newZip(out), nil
	case strings.HasSuffix(name, ".tar.gz"), strings.HasSuffix(name, ".tgz"):
		return newTarball(out), nil
	}
	return nil, errors.New("the extension is not that of an archive: .zip, .tar.gz or .tgz")
}

// write writes the file under a name.
func (f File) write(to format, name string, modified time.Time) error {
	content, size, err := f.open()
	if err != nil {
		return err
	}
	defer content.Close()
	mode := os.FileMode(0o644)
	if f.Executable {
		mode = 0o755
	}
	w, err := to.add(name, mode, size, modified)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, content)
	return err
}

func (f File) open() (io.ReadCloser, int64, error) {
	if f.Source == "" {
		return io.NopCloser(strings.NewReader(string(f.Text))), int64(len(f.Text)), nil
	}
	file, err := os.Open(f.Source)
	if err != nil {
		return nil, 0, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, 0, errors.Join(err, file.Close())
	}
	return file, info.Size(), nil
}
