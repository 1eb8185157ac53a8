package osfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// forEachWriter runs a test with ordinary paths, with a root, and with a root and a folder for
// temporary files. The names that the test uses are relative to dir; at returns the writer's name.
func forEachWriter(t *testing.T, test func(t *testing.T, dir string, w Writer, at func(string) string)) {
	t.Helper()
	for _, variant := range []string{"paths", "root", "temporary folder"} {
		t.Run(variant, func(t *testing.T) {
			dir := t.TempDir()
			if variant == "paths" {
				test(t, dir, Writer{}, func(name string) string { return filepath.Join(dir, name) })
				return
			}
			root, err := os.OpenRoot(dir)
			if err != nil {
				t.Fatal(err)
			}
			defer root.Close()
			w := Writer{Root: root}
			if variant == "temporary folder" {
				w.TempDir = "tmp"
				if err := os.Mkdir(filepath.Join(dir, "tmp"), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			test(t, dir, w, func(name string) string { return name })
		})
	}
}

// contents returns the content of every file below dir by its name.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		files[filepath.ToSlash(name)] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func expectFile(t *testing.T, dir, name, content string) {
	t.Helper()
	files := contents(t, dir)
	if got, ok := files[name]; !ok || got != content || len(files) != 1 {
		t.Errorf("files are %q, want only %s with %q", files, name, content)
	}
}

func TestReplace(t *testing.T) {
	forEachWriter(t, func(t *testing.T, dir string, w Writer, at func(string) string) {
		for _, content := range []string{"first", "", "third, which is longer"} {
			if err := w.Replace(at("file"), []byte(content)); err != nil {
				t.Fatal(err)
			}
			expectFile(t, dir, "file", content)
		}
		if err := w.Remove(at("file")); err != nil || len(contents(t, dir)) != 0 {
			t.Errorf("Remove returned %v and left %q", err, contents(t, dir))
		}
		if err := w.Remove(at("file")); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("removing a missing file returned %v", err)
		}
	})
}

// TestReplaceFailures fails each step in turn. Before the rename the old file must stay; after it
// the new one is there, and the error says so.
func TestReplaceFailures(t *testing.T) {
	injected := errors.New("injected")
	forEachWriter(t, func(t *testing.T, dir string, w Writer, at func(string) string) {
		if err := w.Replace(at("file"), []byte("old")); err != nil {
			t.Fatal(err)
		}
		for _, failing := range []Step{StepCreate, StepWrite, StepFlush, StepRename, StepFlushFolder} {
			w.Fault = func(s Step) error {
				if s == failing {
					return injected
				}
				return nil
			}
			err := w.Replace(at("file"), []byte("new"))
			replaced := failing == StepFlushFolder
			if !errors.Is(err, injected) || errors.Is(err, ErrNotFlushed) != replaced {
				t.Errorf("%s failed: Replace returned %v", failing, err)
			}
			want := "old"
			if replaced {
				want = "new"
			}
			expectFile(t, dir, "file", want)
		}
	})
}

func TestRemoveFailures(t *testing.T) {
	injected := errors.New("injected")
	forEachWriter(t, func(t *testing.T, dir string, w Writer, at func(string) string) {
		if err := w.Replace(at("file"), []byte("old")); err != nil {
			t.Fatal(err)
		}
		w.Fault = func(Step) error { return injected }
		if err := w.Remove(at("file")); !errors.Is(err, injected) {
			t.Errorf("Remove returned %v", err)
		}
		expectFile(t, dir, "file", "old")
	})
}

func TestReplaceHooks(t *testing.T) {
	refused := errors.New("refused")
	forEachWriter(t, func(t *testing.T, dir string, w Writer, at func(string) string) {
		w.Prepare = func(temp *os.File) error {
			_, err := temp.WriteString(", prepared")
			return err
		}
		if err := w.Replace(at("file"), []byte("content")); err != nil {
			t.Fatal(err)
		}
		expectFile(t, dir, "file", "content, prepared")
		w.Check = func() error { return refused }
		if err := w.Replace(at("file"), []byte("new")); !errors.Is(err, refused) {
			t.Errorf("Replace returned %v although Check failed", err)
		}
		w.Prepare, w.Check = func(*os.File) error { return refused }, nil
		if err := w.Replace(at("file"), []byte("new")); !errors.Is(err, refused) {
			t.Errorf("Replace returned %v although Prepare failed", err)
		}
		expectFile(t, dir, "file", "content, prepared")
	})
}

// TestReplaceFolder replaces a folder, which the system refuses at the rename.
func TestReplaceFolder(t *testing.T) {
	forEachWriter(t, func(t *testing.T, dir string, w Writer, at func(string) string) {
		if err := os.MkdirAll(filepath.Join(dir, "folder", "inner"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := w.Replace(at("folder"), []byte("new")); err == nil || errors.Is(err, ErrNotFlushed) {
			t.Errorf("replacing a folder returned %v", err)
		}
		if err := w.Replace(at(filepath.Join("missing", "file")), nil); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("writing into a missing folder returned %v", err)
		}
		if left := contents(t, dir); len(left) != 0 {
			t.Errorf("temporary files are left: %q", left)
		}
	})
}

func TestReplaceStaysInRoot(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "inside"), 0o700); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(filepath.Join(dir, "inside"))
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	if err := (Writer{Root: root}).Replace("../file", []byte("x")); err == nil {
		t.Error("a file outside of the root was written")
	}
	if files := contents(t, dir); len(files) != 0 {
		t.Errorf("files %q were written", files)
	}
}

func TestModes(t *testing.T) {
	if !HasModes {
		t.Skip("permissions are not mode bits on this system")
	}
	forEachWriter(t, func(t *testing.T, dir string, w Writer, at func(string) string) {
		for mode, want := range map[fs.FileMode]fs.FileMode{0: 0o600, 0o600: 0o600, 0o644: 0o644, 0o666: 0o666} {
			w.Mode = mode
			if err := w.Replace(at("file"), nil); err != nil {
				t.Fatal(err)
			}
			if info, err := os.Stat(filepath.Join(dir, "file")); err != nil || info.Mode().Perm() != want {
				t.Errorf("mode %v gave %v, error %v", mode, info.Mode().Perm(), err)
			}
		}
	})
}

func TestDigests(t *testing.T) {
	// From FIPS 180-2, appendix B.1.
	const want = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
	if got := Digest([]byte("abc")); got != want {
		t.Errorf("Digest returned %s", got)
	}
	if got, err := DigestReader(strings.NewReader("abc")); got != want || err != nil {
		t.Errorf("DigestReader returned %s, error %v", got, err)
	}
	path := filepath.Join(t.TempDir(), "file")
	if got, err := DigestFile(path); got != "" || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("DigestFile of a missing file returned %q, error %v", got, err)
	}
	if err := os.WriteFile(path, []byte("abc"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := DigestFile(path); got != want || err != nil {
		t.Errorf("DigestFile returned %s, error %v", got, err)
	}
}
