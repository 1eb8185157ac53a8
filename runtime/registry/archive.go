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
	"time"
)

// An archive holds endpoints with all versions that are kept, and their history. It is an
// uncompressed tar file in the format ustar with these entries, in this order:
//
//	archive.json         {"format": 2, "program": "1.2.3", "created": 1795580915}
//	0001/endpoint.json   the manifest of the first endpoint, as in the registry's folder
//	0001/SUM             the code with the SHA-256 SUM, for each sum in the order of the versions
//	0002/endpoint.json   and so on
//	digest.json          {"endpoints": 2, "sha256": "..."}
//
// The digest is that of the entries before it: of the name, a line feed, the size in decimal
// digits, a line feed and the content of each. Models precede aliases. Readers refuse a format
// that they do not know.
const (
	archiveFormat   = 2
	archiveHeader   = "archive.json"
	archiveManifest = "endpoint.json"
	archiveDigest   = "digest.json"
)

// ArchiveHeader is the first entry of an archive.
type ArchiveHeader struct {
	Format  int    `json:"format"`
	Program string `json:"program"` // version of the program that made the archive
	Created int64  `json:"created"` // Unix time in seconds
}

// archiveTrailer is the last entry of an archive.
type archiveTrailer struct {
	Endpoints int    `json:"endpoints"`
	SHA256    string `json:"sha256"`
}

// ArchiveWriter writes an archive. After an error of Add the archive is not complete.
type ArchiveWriter struct {
	tar    *tar.Writer
	digest hash.Hash
	count  int
	time   time.Time
}

// NewArchiveWriter begins an archive. program is the version of the program, and created the time
// that the entries have.
func NewArchiveWriter(w io.Writer, program string, created time.Time) (*ArchiveWriter, error) {
	a := &ArchiveWriter{tar: tar.NewWriter(w), digest: sha256.New(), time: created}
	return a, a.addJSON(archiveHeader, ArchiveHeader{archiveFormat, program, created.Unix()})
}

// Count returns the number of endpoints that were added.
func (a *ArchiveWriter) Count() int { return a.count }

// Add adds an endpoint. code returns the code of a sum; it is called once for each, in order.
func (a *ArchiveWriter) Add(e Endpoint, code func(sum string) (io.Reader, error)) error {
	text, err := encodeManifest(e)
	if err != nil {
		return err
	}
	a.count++
	folder := archiveFolder(a.count)
	if err := a.addText(path.Join(folder, archiveManifest), text); err != nil {
		return err
	}
	for _, v := range e.distinct() {
		content, err := code(v.Sum)
		if err == nil {
			err = a.addCode(path.Join(folder, v.Sum), v, content)
		}
		if err != nil {
			return fmt.Errorf("the code of version %d: %w", v.Number, err)
		}
	}
	return nil
}

// addCode adds the code of a version, and returns an error if it is not that code.
func (a *ArchiveWriter) addCode(name string, v Version, content io.Reader) error {
	sum := sha256.New()
	if err := a.begin(name, v.Size); err != nil {
		return err
	}
	n, err := io.Copy(io.MultiWriter(a.tar, a.digest, sum), io.LimitReader(content, v.Size))
	switch {
	case err != nil:
		return err
	case n < v.Size:
		return fmt.Errorf("%w: %d of %d bytes", ErrDamaged, n, v.Size)
	case hex.EncodeToString(sum.Sum(nil)) != v.Sum:
		return fmt.Errorf("%w: its checksum is wrong", ErrDamaged)
	}
	return nil
}

// Close completes the archive. It does not close the underlying writer.
func (a *ArchiveWriter) Close() error {
	trailer := archiveTrailer{a.count, hex.EncodeToString(a.digest.Sum(nil))}
	return errors.Join(a.addJSON(archiveDigest, trailer), a.tar.Close())
}

func (a *ArchiveWriter) addJSON(name string, v any) error {
	text, _ := json.Marshal(v) // numbers and strings always marshal
	return a.addText(name, text)
}

func (a *ArchiveWriter) addText(name string, text []byte) error {
	if err := a.begin(name, int64(len(text))); err != nil {
		return err
	}
	_, err := io.MultiWriter(a.tar, a.digest).Write(text)
	return err
}

func (a *ArchiveWriter) begin(name string, size int64) error {
	countEntry(a.digest, name, size)
	return a.tar.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: size, ModTime: a.time, Typeflag: tar.TypeReg, Format: tar.FormatUSTAR})
}

// countEntry adds the head of an entry to the digest of an archive.
func countEntry(digest hash.Hash, name string, size int64) {
	fmt.Fprintf(digest, "%s\n%d\n", name, size)
}

// archiveFolder returns the folder of the nth endpoint in an archive.
func archiveFolder(n int) string { return fmt.Sprintf("%04d", n) }

// distinct returns the versions without those that have the code of an earlier one in the list.
func (e Endpoint) distinct() []Version {
	var versions []Version
	seen := map[string]bool{}
	for _, v := range e.Versions {
		if !seen[v.Sum] {
			seen[v.Sum] = true
			versions = append(versions, v)
		}
	}
	return versions
}

// ArchiveSize returns the size in bytes of an archive with one endpoint that a program of this
// version writes.
func ArchiveSize(e Endpoint, program string, created time.Time) (int64, error) {
	var counted byteCount
	a, err := NewArchiveWriter(&counted, program, created)
	if err != nil {
		return 0, err
	}
	text, err := encodeManifest(e)
	if err != nil {
		return 0, err
	}
	a.count++
	if err := errors.Join(a.addText(path.Join(archiveFolder(1), archiveManifest), text), a.Close()); err != nil {
		return 0, err
	}
	const block = 512 // of a tar file
	for _, v := range e.distinct() {
		counted += byteCount(block + (v.Size+block-1)/block*block)
	}
	return int64(counted), nil
}

type byteCount int64

// Write implements io.Writer.
func (c *byteCount) Write(p []byte) (int, error) {
	*c += byteCount(len(p))
	return len(p), nil
}
