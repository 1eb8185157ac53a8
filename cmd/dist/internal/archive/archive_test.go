package archive

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

var modified = time.Date(2026, 11, 29, 18, 0, 2, 0, time.UTC)

// folder writes a folder of files with the given mode and time.
func folder(t *testing.T, mode fs.FileMode, at time.Time) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"b/two": "2", "a": "one", ".hidden": "no", "b/.keep": "no"} {
		file := filepath.Join(dir, filepath.FromSlash(name))
		err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, []byte(text), mode), os.Chtimes(file, at, at))
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// pack writes an archive of two folders and a text, and returns its bytes.
func pack(t *testing.T, name string, mode fs.FileMode, at time.Time) []byte {
	t.Helper()
	files := Files{"top/run": {Text: []byte("#!"), Executable: true}}
	if err := errors.Join(files.AddFolder("top", folder(t, mode, at)), files.AddFolder("top/more", folder(t, mode, at))); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), name)
	if err := Write(file, files, modified); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

var want = []string{
	"top/a 644 one", "top/b/two 644 2", "top/more/a 644 one", "top/more/b/two 644 2", "top/run 755 #!",
}

// TestWrite checks that the bytes of an archive do not depend on the modes and times of the files,
// and that other programs' readers find the files.
func TestWrite(t *testing.T) {
	for name, read := range map[string]func(*testing.T, []byte) []string{"a.tar.gz": readTar, "a.tgz": readTar, "a.zip": readZip} {
		first, second := pack(t, name, 0o600, time.Now()), pack(t, name, 0o777, time.Unix(1e9, 0))
		if !bytes.Equal(first, second) {
			t.Errorf("%s: the same files gave other bytes", name)
		}
		if got := read(t, first); !slices.Equal(got, want) {
			t.Errorf("%s has\n%s\nwant\n%s", name, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

func readTar(t *testing.T, content []byte) (entries []string) {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	if !z.ModTime.IsZero() || z.Name != "" {
		t.Errorf("the gzip header has %v and %q", z.ModTime, z.Name)
	}
	r := tar.NewReader(z)
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return entries
		}
		text, readErr := io.ReadAll(r)
		if err = errors.Join(err, readErr); err != nil {
			t.Fatal(err)
		}
		if h.Uid != 0 || h.Gid != 0 || h.Uname != "root" || !h.ModTime.Equal(modified) {
			t.Errorf("entry %+v", h)
		}
		entries = append(entries, fmt.Sprintf("%s %o %s", h.Name, h.Mode, text))
	}
}

func readZip(t *testing.T, content []byte) (entries []string) {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.File {
		text, err := fs.ReadFile(r, f.Name)
		if err != nil {
			t.Fatal(err)
		}
		if !f.Modified.Equal(modified) {
			t.Errorf("%s has the time %v", f.Name, f.Modified)
		}
		entries = append(entries, fmt.Sprintf("%s %o %s", f.Name, f.Mode(), text))
	}
	return entries
}

// TestWriteErrors checks that no incomplete archive is left.
func TestWriteErrors(t *testing.T) {
	for name, c := range map[string]struct {
		files Files
		want  string
	}{
		"a.rar":    {Files{}, "the extension is not that of an archive"},
		"a.tar.gz": {Files{"a": {Text: []byte("a")}, "b": {Source: "missing"}}, "missing"},
		"a.zip":    {Files{"b": {Source: "missing"}}, "missing"},
	} {
		file := filepath.Join(t.TempDir(), name)
		if err := Write(file, c.files, modified); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
		if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s was left: %v", name, err)
		}
	}
	if err := (Files{}).AddFolder("a", "missing"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing folder: %v", err)
	}
}
