package registry

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"path"
	"strings"
)

// ErrNotArchive means that a file is not an archive of endpoints, or is damaged from some place
// on.
var ErrNotArchive = errors.New("not an archive of endpoints, or a damaged one")

// ArchivedError reports that one endpoint of an archive is damaged. Those after it can be read.
type ArchivedError struct {
	Name string // of the endpoint, or of its entry in the archive
	Err  error
}

func (e *ArchivedError) Error() string {
	return fmt.Sprintf("%q is damaged in the archive: %v", e.Name, e.Err)
}

func (e *ArchivedError) Unwrap() error { return e.Err }

// ArchiveReader reads an archive. It trusts nothing in it: names of entries are compared with
// those that must come next, and never used as paths, and it holds no more of the archive than a
// manifest.
type ArchiveReader struct {
	Header ArchiveHeader

	tar      *tar.Reader
	maxBytes int64 // of the code of a version
	digest   hash.Hash
	entry    *tar.Header // the next entry; nil if it was not read yet
	count    int
	names    map[string]bool // of the endpoints so far
	pending  []Version       // versions of the current endpoint whose code comes next
}

// NewArchiveReader reads the header of an archive. The code of a version has at most maxBytes
// bytes. Its error is ErrNotArchive.
func NewArchiveReader(archive io.Reader, maxBytes int64) (*ArchiveReader, error) {
	r := &ArchiveReader{tar: tar.NewReader(archive), maxBytes: maxBytes, digest: sha256.New(), names: map[string]bool{}}
	text, err := r.readText(archiveHeader)
	if err == nil {
		err = json.Unmarshal(text, &r.Header)
	}
	switch {
	case err != nil:
		return nil, notArchive(err)
	case r.Header.Format != archiveFormat:
		return nil, fmt.Errorf("%w: it has the format %d, this program reads the format %d", ErrNotArchive, r.Header.Format, archiveFormat)
	}
	return r, nil
}

func notArchive(err error) error {
	if errors.Is(err, ErrNotArchive) {
		return err
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("%w: %w", ErrNotArchive, err)
}

// Next returns the next endpoint. It skips code of the one before that was not read. Its errors
// are *ArchivedError, after which it can be called again; ErrNotArchive; and io.EOF after the
// last endpoint, if the digest of the archive is right.
func (r *ArchiveReader) Next() (Endpoint, error) {
	if err := r.skip(); err != nil {
		return Endpoint{}, notArchive(err)
	}
	header, err := r.peek()
	switch {
	case err != nil:
		return Endpoint{}, notArchive(err)
	case header.Name == archiveDigest:
		return Endpoint{}, r.finish()
	}
	r.count++
	name := path.Join(archiveFolder(r.count), archiveManifest)
	text, err := r.readText(name)
	if err != nil {
		return Endpoint{}, notArchive(err)
	}
	e, err := decodeArchived(text)
	switch {
	case err != nil:
		return Endpoint{}, &ArchivedError{nameIn(text, name), err}
	case r.names[e.Name]:
		return Endpoint{}, &ArchivedError{e.Name, errors.New("it occurs twice")}
	}
	r.names[e.Name], r.pending = true, e.distinct()
	return e, nil
}

// Code returns the code of the next version of the endpoint that Next returned: each sum once,
// in the order of the versions. After the last one, it returns io.EOF. Its other errors are
// ErrDamaged, ErrTooLarge and ErrNotArchive. The content ends with ErrDamaged if it is not that
// of the version.
func (r *ArchiveReader) Code() (Version, io.Reader, error) {
	if len(r.pending) == 0 {
		return Version{}, nil, io.EOF
	}
	v := r.pending[0]
	header, err := r.peek()
	switch {
	case err != nil:
		return v, nil, notArchive(err)
	case header.Name != path.Join(archiveFolder(r.count), v.Sum): // Next decides what it is
		return v, nil, fmt.Errorf("%w: the code of version %d is not in the archive", ErrDamaged, v.Number)
	}
	r.pending = r.pending[1:]
	_, _ = r.take()
	switch {
	case header.Size != v.Size:
		return v, nil, fmt.Errorf("%w: version %d has %d bytes of code, want %d", ErrDamaged, v.Number, header.Size, v.Size)
	case v.Size > r.maxBytes:
		return v, nil, fmt.Errorf("%w: the code of version %d has %d bytes, the limit is %d bytes (TABCELL_MODELS_MAX_MB)",
			ErrTooLarge, v.Number, v.Size, r.maxBytes)
	}
	return v, &verifiedCode{r.content(), sha256.New(), v}, nil
}

// verifiedCode is the code of a version. In place of io.EOF, its Read returns ErrDamaged if the
// code is not that of the version.
type verifiedCode struct {
	content io.Reader
	sum     hash.Hash
	version Version
}

// Read implements io.Reader.
func (c *verifiedCode) Read(p []byte) (int, error) {
	n, err := c.content.Read(p)
	c.sum.Write(p[:n])
	switch {
	case err != nil && err != io.EOF:
		err = notArchive(err)
	case err == io.EOF && hex.EncodeToString(c.sum.Sum(nil)) != c.version.Sum:
		err = fmt.Errorf("%w: the checksum of version %d is wrong", ErrDamaged, c.version.Number)
	}
	return n, err
}

// content returns the content of the entry that take returned.
func (r *ArchiveReader) content() io.Reader { return io.TeeReader(r.tar, r.digest) }

// peek returns the header of the next entry, which it leaves in place. Before that, it reads the
// rest of the entry before.
func (r *ArchiveReader) peek() (*tar.Header, error) {
	if r.entry != nil {
		return r.entry, nil
	}
	if _, err := io.Copy(io.Discard, r.content()); err != nil {
		return nil, err
	}
	header, err := r.tar.Next()
	switch {
	case err != nil:
		return nil, err
	// Other formats have files with holes, which are larger than the archive.
	case header.Typeflag != tar.TypeReg || header.Format != tar.FormatUSTAR:
		return nil, fmt.Errorf("%w: the entry %.200q is not a regular file in the format ustar", ErrNotArchive, header.Name)
	}
	r.entry = header
	return header, nil
}

// take returns the header of the next entry, whose content can be read afterwards.
func (r *ArchiveReader) take() (*tar.Header, error) {
	header, err := r.peek()
	if err == nil && header.Name != archiveDigest {
		countEntry(r.digest, header.Name, header.Size)
	}
	r.entry = nil
	return header, err
}

// readText reads the next entry, which must have the given name.
func (r *ArchiveReader) readText(name string) ([]byte, error) {
	header, err := r.take()
	switch {
	case err != nil:
		return nil, err
	case header.Name != name:
		return nil, fmt.Errorf("%w: the entry %.200q comes where %s was expected", ErrNotArchive, header.Name, name)
	case header.Size > maxManifestBytes:
		return nil, fmt.Errorf("%w: %s has %d bytes, the limit is %d", ErrNotArchive, name, header.Size, maxManifestBytes)
	}
	return io.ReadAll(r.content())
}

// skip skips the code of the current endpoint that was not read: entries in its folder.
func (r *ArchiveReader) skip() error {
	r.pending = nil
	for r.count > 0 {
		header, err := r.peek()
		if err != nil {
			return err
		}
		if sum, ok := strings.CutPrefix(header.Name, archiveFolder(r.count)+"/"); !ok || !sumPattern.MatchString(sum) {
			return nil
		}
		if _, err := r.take(); err != nil {
			return err
		}
	}
	return nil
}

// finish reads the last entry. It returns io.EOF if the archive is complete and undamaged.
func (r *ArchiveReader) finish() error {
	want := archiveTrailer{r.count, hex.EncodeToString(r.digest.Sum(nil))}
	text, err := r.readText(archiveDigest)
	var got archiveTrailer
	if err == nil {
		err = json.Unmarshal(text, &got)
	}
	switch {
	case err != nil:
		return notArchive(err)
	case got != want:
		return fmt.Errorf("%w: its digest is wrong", ErrNotArchive)
	}
	return io.EOF
}

// decodeArchived decodes a manifest in an archive, where its file name says nothing, unlike in the
// registry's folder.
func decodeArchived(text []byte) (Endpoint, error) {
	var m manifest
	var named struct{ Name string }
	if err := json.Unmarshal(text, &m); err != nil {
		return Endpoint{}, err
	}
	if err := json.Unmarshal(m.Endpoint, &named); err != nil {
		return Endpoint{}, err
	}
	return decodeManifest(manifestPath(named.Name), text)
}

// nameIn returns the name of the endpoint in a damaged manifest as far as it can be read, or else
// the given one.
func nameIn(text []byte, otherwise string) string {
	for _, pattern := range []string{`"endpoint":{"name":"`, `"name":"`} {
		if _, rest, ok := strings.Cut(string(text), pattern); ok {
			if name, _, ok := strings.Cut(rest, `"`); ok && CheckName(name) == nil {
				return name
			}
		}
	}
	return otherwise
}
