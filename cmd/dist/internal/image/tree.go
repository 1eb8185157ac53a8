package image

import (
	"archive/tar"
	"bytes"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// tree has the files and folders of a layer by their paths. Parent folders are added when it is
// written.
type tree map[string]node

// node is a file or a folder.
type node struct {
	mode  int64
	owner int
	open  func() (io.ReadCloser, int64, error) // returns the content and its size; nil for a folder
}

func (t tree) folder(name string, mode int64, owner int) { t[name] = node{mode, owner, nil} }

// text adds a file with the given content, which root owns.
func (t tree) text(name string, content []byte) {
	t[name] = node{0o644, 0, func() (io.ReadCloser, int64, error) {
		return io.NopCloser(bytes.NewReader(content)), int64(len(content)), nil
	}}
}

// file adds a copy of a file of this machine, which root owns.
func (t tree) file(name, from string, mode int64) {
	t[name] = node{mode, 0, func() (io.ReadCloser, int64, error) {
		info, err := os.Stat(from)
		if err != nil {
			return nil, 0, err
		}
		f, err := os.Open(from)
		return f, info.Size(), err
	}}
}

// copyFolder adds copies of all files in a folder of this machine.
func (t tree) copyFolder(name, from string) error {
	return filepath.WalkDir(from, func(at string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		inside, err := filepath.Rel(from, at)
		t.file(path.Join(name, filepath.ToSlash(inside)), at, 0o644)
		return err
	})
}

// layer returns a layer with the files and folders, all with the same time.
func (t tree) layer(modified time.Time) (v1.Layer, error) {
	t = maps.Clone(t)
	for _, name := range slices.Collect(maps.Keys(t)) {
		for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
			if _, ok := t[dir]; !ok {
				t.folder(dir, 0o755, 0)
			}
		}
	}
	open := func() (io.ReadCloser, error) {
		r, w := io.Pipe()
		go func() { w.CloseWithError(t.write(w, modified)) }()
		return r, nil
	}
	// The library reads a layer several times, so it keeps the compressed form.
	return tarball.LayerFromOpener(open, tarball.WithMediaType(types.OCILayer), tarball.WithCompressedCaching)
}

// write writes the tree in tar's format, sorted, so that folders come before their content.
func (t tree) write(w io.Writer, modified time.Time) error {
	out := tar.NewWriter(w)
	for _, name := range slices.Sorted(maps.Keys(t)) {
		if err := t[name].write(out, name, modified); err != nil {
			return err
		}
	}
	return out.Close()
}

func (n node) write(out *tar.Writer, name string, modified time.Time) error {
	h := &tar.Header{Name: name, Mode: n.mode, Uid: n.owner, Gid: n.owner, ModTime: modified, Format: tar.FormatUSTAR, Typeflag: tar.TypeReg}
	if n.open == nil {
		h.Name, h.Typeflag = name+"/", tar.TypeDir
		return out.WriteHeader(h)
	}
	content, size, err := n.open()
	if err != nil {
		return err
	}
	defer content.Close()
	h.Size = size
	if err := out.WriteHeader(h); err != nil {
		return err
	}
	_, err = io.Copy(out, content)
	return err
}
