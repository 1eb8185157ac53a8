// Package release verifies the files of a release: they must be exactly those whose digests are in
// its list, and the list must have the signature of a minisign key.
package release

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"aead.dev/minisign"
)

const (
	sumsName  = "SHA256SUMS"
	extension = ".minisig" // of the name of a file's signature
)

// The states of a file.
const (
	OK       = "ok"
	Changed  = "changed"  // its digest is not that of the list
	Unsigned = "unsigned" // its own signature is not valid
	Missing  = "missing"  // it is in the list, but not in the folder
	Extra    = "extra"    // it is in the folder, but not in the list
)

// File is the result for one file.
type File struct {
	Name   string `json:"name"`
	State  string `json:"state"`
	Reason string `json:"reason,omitempty"`
}

// Report is the result of a verification.
type Report struct {
	Signed string `json:"signed"` // the trusted comment of the list's signature, which names the release
	Key    string `json:"key"`    // ID of the key
	Files  []File `json:"files"`
}

// Problems returns the files that are not as they should be.
func (r Report) Problems() []File {
	return slices.DeleteFunc(slices.Clone(r.Files), func(f File) bool { return f.State == OK })
}

// Options are the options of Verify.
type Options struct {
	Key           Key
	IgnoreMissing bool // files of the list may be missing in the folder
}

// Verify verifies the release in a folder. It returns an error if the list of digests cannot be
// trusted. The report has all other problems.
func Verify(folder string, o Options) (Report, error) {
	sums, signed, err := readList(folder, o.Key)
	if err != nil {
		return Report{}, err
	}
	r := Report{Signed: signed, Key: o.Key.ID()}
	for _, name := range slices.Sorted(maps.Keys(sums)) {
		f := verifyFile(folder, name, sums[name], o.Key)
		if f.State != Missing || !o.IgnoreMissing {
			r.Files = append(r.Files, f)
		}
	}
	if len(r.Files) == 0 {
		return r, fmt.Errorf("%s has none of the files that %s lists", folder, sumsName)
	}
	extra, err := extraFiles(folder, sums)
	r.Files = append(r.Files, extra...)
	return r, err
}

// readList verifies the signature of the list of digests, and then reads the list.
func readList(folder string, key Key) (sums map[string]string, signed string, err error) {
	path := filepath.Join(folder, sumsName)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "", fmt.Errorf("%s has no file %s, so it is not the folder of a release", folder, sumsName)
	}
	if err != nil {
		return nil, "", err
	}
	signature, err := os.ReadFile(path + extension)
	if err != nil {
		return nil, "", fmt.Errorf("the signature of %s cannot be read: %w", sumsName, err)
	}
	if !minisign.Verify(key.public, text, signature) {
		return nil, "", fmt.Errorf("the signature of %s is not valid: %w; do not install the files in this folder", path, key.refusal(signature))
	}
	if signed, err = comment(signature, sumsName); err != nil {
		return nil, "", err
	}
	sums, err = parseSums(string(text))
	return sums, signed, err
}

// comment returns the trusted comment of a valid signature. It has to name the file.
func comment(signature []byte, name string) (string, error) {
	var s minisign.Signature
	if err := s.UnmarshalText(signature); err != nil {
		return "", err
	}
	if !slices.Contains(strings.Fields(s.TrustedComment), "file:"+name) {
		return "", fmt.Errorf("the signature of %s is that of another file: its trusted comment is %q", name, s.TrustedComment)
	}
	return s.TrustedComment, nil
}

// verifyFile compares a file with its digest, and verifies its own signature if it has one.
func verifyFile(folder, name, digest string, key Key) File {
	f := File{Name: name, State: OK}
	fail := func(state string, err error) File {
		f.State, f.Reason = state, err.Error()
		return f
	}
	content, err := os.Open(filepath.Join(folder, name))
	if errors.Is(err, fs.ErrNotExist) {
		f.State = Missing
		return f
	}
	if err != nil {
		return fail(Changed, err)
	}
	defer content.Close()
	hash := sha256.New()
	signed := minisign.NewReader(content)
	if _, err := io.Copy(hash, signed); err != nil {
		return fail(Changed, err)
	}
	if got := hex.EncodeToString(hash.Sum(nil)); got != digest {
		return fail(Changed, fmt.Errorf("its SHA-256 is %s, but the list has %s", got, digest))
	}
	if err := verifySignature(filepath.Join(folder, name), signed, key); err != nil {
		return fail(Unsigned, err)
	}
	return f
}

// verifySignature verifies the signature of a file that was read. The file may have none, because
// its digest is in a signed list.
func verifySignature(path string, content *minisign.Reader, key Key) error {
	signature, err := os.ReadFile(path + extension)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if !content.Verify(key.public, signature) {
		return fmt.Errorf("its signature is not valid: %w", key.refusal(signature))
	}
	_, err = comment(signature, filepath.Base(path))
	return err
}

// extraFiles returns the entries of the folder that are neither in the list nor signatures of files
// in the list.
func extraFiles(folder string, sums map[string]string) (extra []File, err error) {
	entries, err := os.ReadDir(folder)
	for _, e := range entries {
		name := strings.TrimSuffix(e.Name(), extension)
		if _, listed := sums[name]; !listed && name != sumsName {
			extra = append(extra, File{e.Name(), Extra, "it is not part of the release"})
		}
	}
	return extra, err
}
