package archive

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"time"
)

// tarball writes a compressed tar archive. Folders have no entries of their own; programs create
// them with the rights that the user's umask gives.
type tarball struct {
	gzip *gzip.Writer
	*tar.Writer
}

func newTarball(out io.Writer) *tarball {
	compressed := gzip.NewWriter(out)
	return &tarball{compressed, tar.NewWriter(compressed)}
}

func (t *tarball) add(name string, mode os.FileMode, size int64, modified time.Time) (io.Writer, error) {
	return t.Writer, t.WriteHeader(&tar.Header{
		Typeflag: tar.TypeReg, Name: name, Mode: int64(mode), Size: size, ModTime: modified, Uname: "root", Gname: "root",
	})
}

func (t *tarball) Close() error { return errors.Join(t.Writer.Close(), t.gzip.Close()) }

// zipped writes a zip archive.
type zipped struct{ *zip.Writer }

func newZip(out io.Writer) zipped { return zipped{zip.NewWriter(out)} }

func (z zipped) add(name string, mode os.FileMode, _ int64, modified time.Time) (io.Writer, error) {
	h := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: modified}
	h.SetMode(mode)
	return z.CreateHeader(h)
}
