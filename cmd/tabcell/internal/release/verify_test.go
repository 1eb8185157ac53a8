package release

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"aead.dev/minisign"
)

// signer is a key pair.
type signer struct {
	public  Key
	private minisign.PrivateKey
}

func newSigner(t *testing.T) (s signer) {
	t.Helper()
	var err error
	if s.public.public, s.private, err = minisign.GenerateKey(rand.Reader); err != nil {
		t.Fatal(err)
	}
	return s
}

// sign writes the signature of a file, with the name that the trusted comment has.
func (s signer) sign(t *testing.T, file, name string) {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	r := minisign.NewReader(bytes.NewReader(content))
	if _, err := io.Copy(io.Discard, r); err != nil {
		t.Fatal(err)
	}
	write(t, file+extension, r.SignWithComments(s.private, "tabcell 1.0.0 file:"+name, ""))
}

func write(t *testing.T, file string, content []byte) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, content, 0o600)); err != nil {
		t.Fatal(err)
	}
}

// makeRelease writes a release of two files, of which one has a signature of its own.
func makeRelease(t *testing.T, s signer) string {
	t.Helper()
	dir, sums := t.TempDir(), ""
	for _, name := range []string{"a.deb", "b.rpm"} {
		write(t, filepath.Join(dir, name), []byte("content of "+name))
		sums += fmt.Sprintf("%x  %s\n", sha256.Sum256([]byte("content of "+name)), name)
	}
	write(t, filepath.Join(dir, sumsName), []byte(sums))
	s.sign(t, filepath.Join(dir, sumsName), sumsName)
	s.sign(t, filepath.Join(dir, "a.deb"), "a.deb")
	return dir
}

// TestVerify changes a release in several ways. The results are those of all files, or an error.
func TestVerify(t *testing.T) {
	key, other := newSigner(t), newSigner(t)
	for name, c := range map[string]struct {
		change func(t *testing.T, dir string)
		ignore bool
		want   []string // states of the files; nil for an error
		text   string   // part of the reasons or of the error
	}{
		"unchanged":         {func(*testing.T, string) {}, false, []string{"ok a.deb", "ok b.rpm"}, ""},
		"one bit":           {func(t *testing.T, dir string) { write(t, dir+"/a.deb", []byte("content of a.deB")) }, false, []string{"changed a.deb", "ok b.rpm"}, "its SHA-256 is "},
		"one more byte":     {func(t *testing.T, dir string) { write(t, dir+"/b.rpm", []byte("content of b.rpm\n")) }, false, []string{"ok a.deb", "changed b.rpm"}, "but the list has "},
		"a folder":          {func(t *testing.T, dir string) { remove(t, dir+"/b.rpm"); write(t, dir+"/b.rpm/c", nil) }, false, []string{"ok a.deb", "changed b.rpm"}, "directory"},
		"missing":           {func(t *testing.T, dir string) { remove(t, dir+"/b.rpm") }, false, []string{"ok a.deb", "missing b.rpm"}, ""},
		"missing, ignored":  {func(t *testing.T, dir string) { remove(t, dir+"/b.rpm") }, true, []string{"ok a.deb"}, ""},
		"all missing":       {func(t *testing.T, dir string) { remove(t, dir+"/b.rpm"); remove(t, dir+"/a.deb") }, true, nil, "has none of the files"},
		"extra":             {func(t *testing.T, dir string) { write(t, dir+"/c.deb", nil) }, true, []string{"ok a.deb", "ok b.rpm", "extra c.deb"}, "not part of the release"},
		"extra folder":      {func(t *testing.T, dir string) { write(t, dir+"/sub/c", nil) }, false, []string{"ok a.deb", "ok b.rpm", "extra sub"}, ""},
		"extra signature":   {func(t *testing.T, dir string) { write(t, dir+"/c.minisig", nil) }, false, []string{"ok a.deb", "ok b.rpm", "extra c.minisig"}, ""},
		"signed by other":   {func(t *testing.T, dir string) { other.sign(t, dir+"/a.deb", "a.deb") }, false, []string{"unsigned a.deb", "ok b.rpm"}, "made with the key " + other.public.ID()},
		"signed as other":   {func(t *testing.T, dir string) { key.sign(t, dir+"/a.deb", "b.rpm") }, false, []string{"unsigned a.deb", "ok b.rpm"}, "that of another file"},
		"no signature file": {func(t *testing.T, dir string) { write(t, dir+"/a.deb.minisig", []byte("?")) }, false, []string{"unsigned a.deb", "ok b.rpm"}, "not a signature of minisign"},
		"list changed":      {func(t *testing.T, dir string) { write(t, dir+"/SHA256SUMS", nil) }, false, nil, "was changed after it was signed"},
		"list by other":     {func(t *testing.T, dir string) { other.sign(t, dir+"/SHA256SUMS", sumsName) }, false, nil, "made with the key " + other.public.ID()},
		"list as other":     {func(t *testing.T, dir string) { key.sign(t, dir+"/SHA256SUMS", "SHA512SUMS") }, false, nil, "that of another file"},
		"list not signed":   {func(t *testing.T, dir string) { remove(t, dir+"/SHA256SUMS.minisig") }, false, nil, "signature of SHA256SUMS cannot be read"},
		"no list":           {func(t *testing.T, dir string) { remove(t, dir+"/SHA256SUMS") }, false, nil, "not the folder of a release"},
		"signed wrong list": {func(t *testing.T, dir string) {
			write(t, dir+"/SHA256SUMS", []byte("x"))
			key.sign(t, dir+"/SHA256SUMS", sumsName)
		}, false, nil, "line 1"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := makeRelease(t, key)
			c.change(t, dir)
			report, err := Verify(dir, Options{Key: key.public, IgnoreMissing: c.ignore})
			if (err != nil) != (c.want == nil) {
				t.Fatalf("error %v", err)
			}
			text := fmt.Sprint(err)
			var states []string
			for _, f := range report.Files {
				states = append(states, f.State+" "+f.Name)
				text += f.Reason
			}
			if err == nil && !slices.Equal(states, c.want) || !strings.Contains(text, c.text) {
				t.Errorf("the files are %v, want %v; %q lacks %q", states, c.want, text, c.text)
			}
			if err == nil && (report.Signed != "tabcell 1.0.0 file:SHA256SUMS" || report.Key != key.public.ID()) {
				t.Errorf("signed as %q by %s", report.Signed, report.Key)
			}
		})
	}
}

func remove(t *testing.T, file string) {
	t.Helper()
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
}

func TestParseKey(t *testing.T) {
	key := newSigner(t).public
	text, _ := key.public.MarshalText()
	file := filepath.Join(t.TempDir(), "key.pub")
	write(t, file, text)
	for _, c := range []string{key.public.String(), string(text), file} {
		if got, err := ParseKey(c); err != nil || got.ID() != key.ID() {
			t.Errorf("ParseKey(%q) is %s, error %v", c, got.ID(), err)
		}
	}
	write(t, file+"2", []byte("no key"))
	for c, want := range map[string]string{"RWQ": "neither a public key", file + "2": "the public key in " + file + "2"} {
		if _, err := ParseKey(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseKey(%q): %v, want %q", c, err, want)
		}
	}
}
