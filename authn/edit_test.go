package authn

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tabcell/runtime/osfile"
)

func readText(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// wantNoLeftovers fails if the file's directory contains other files.
func wantNoLeftovers(t *testing.T, path string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	if i := slices.IndexFunc(entries, func(e os.DirEntry) bool { return e.Name() != filepath.Base(path) }); i >= 0 {
		t.Errorf("%s was left behind", entries[i].Name())
	}
}

func add(name string) func(*File) error { return func(f *File) error { return f.Add(name, "new") } }

func update(name string) func(*File) error {
	return func(f *File) error { return f.Update(name, "new") }
}

func remove(name string) func(*File) error { return func(f *File) error { return f.Remove(name) } }

// TestEdit checks that lines that are not edited stay the same, byte for byte.
func TestEdit(t *testing.T) {
	const before = "# accounts\n\nAnn  # not a comment\n"
	const good = "# accounts\n\n\"Ann\" aa\n# b's\nb bb\n"
	for _, c := range []struct {
		name, before string
		change       func(*File) error
		after        string
		err          error
	}{
		{"add", good, add("C"), good + "c new\n", nil},
		{"add without a final newline", "a aa", add("c"), "a aa\nc new\n", nil},
		{"add to comments", "# empty\n", add("c"), "# empty\nc new\n", nil},
		{"add with CRLF", "a aa\r\n#\r\n", add("c"), "a aa\r\n#\r\nc new\r\n", nil},
		{"add twice", good, add("ANN"), good, ErrExists},
		{"update", good, update("ANN"), "# accounts\n\nAnn new\n# b's\nb bb\n", nil},
		{"update a name with a space", "\"a b\" aa\n", update("a b"), "\"a b\" new\n", nil},
		{"update a line of htpasswd", "# apache\nAnn:$2x$05$a\nbob:$apr1$b\n", update("ann"), "# apache\nAnn new\nbob:$apr1$b\n", nil},
		{"update an unknown name", good, update("c"), good, ErrNotFound},
		{"remove", good, remove("ann"), "# accounts\n\n# b's\nb bb\n", nil},
		{"remove an unknown name", good, remove("c"), good, ErrNotFound},
		{"remove the last account", "a aa\n", remove("a"), "a aa\n", ErrLastAccount},
		{"remove, then update", good, func(f *File) error { return errors.Join(f.Remove("ann"), f.Update("b", "new")) }, "# accounts\n\n# b's\nb new\n", nil},
		{"add, then update", good, func(f *File) error { return errors.Join(f.Add("c", "x"), f.Update("c", "new")) }, good + "c new\n", nil},
		{"an invalid line", before, add("c"), before, errFieldCount},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "pwd.txt")
			writeFile(t, path, c.before)
			if err := Edit(path, false, c.change); !errors.Is(err, c.err) || (err == nil) != (c.err == nil) {
				t.Errorf("%v, want %v", err, c.err)
			}
			if got := readText(t, path); got != c.after {
				t.Errorf("%q\nwant %q", got, c.after)
			}
			wantNoLeftovers(t, path)
		})
	}
}

func TestEditMissingFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pwd.txt")
	if err := Edit(path, false, add("a")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
	if err := Edit(path, true, add("a")); err != nil || readText(t, path) != "a new\n" {
		t.Errorf("a new file: %v", err)
	}
	if err := Edit(filepath.Join(path, "x", "pwd.txt"), true, add("a")); err == nil {
		t.Error("a file in a missing directory was written")
	}
}

func TestEditRejectsInvalidName(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pwd.txt")
	writeFile(t, path, "a aa\n")
	if err := Edit(path, false, add("b c")); err == nil || !strings.Contains(err.Error(), "spaces") {
		t.Errorf("a name with a space: %v", err)
	}
	if got := readText(t, path); got != "a aa\n" {
		t.Errorf("the file was changed to %q", got)
	}
}

// TestEditDetectsConcurrentChange has two administrators edit the file at once. The second must get
// an error, and the first one's change must not be lost.
func TestEditDetectsConcurrentChange(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pwd.txt")
	writeFile(t, path, "a aa\n")
	err := Edit(path, false, func(f *File) error {
		writeFile(t, path, "a other\n")
		return f.Add("b", "bb")
	})
	if !errors.Is(err, errFileChanged) || readText(t, path) != "a other\n" {
		t.Errorf("error %v, file %q", err, readText(t, path))
	}
	wantNoLeftovers(t, path)
}

func TestEditFollowsSymlinks(t *testing.T) {
	folder := t.TempDir()
	real, link := filepath.Join(folder, "real.txt"), filepath.Join(folder, "link.txt")
	writeFile(t, real, "a aa\n")
	if err := os.Symlink("real.txt", link); err != nil {
		t.Skip("symbolic links cannot be created: ", err)
	}
	if err := Edit(link, false, add("b")); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link was replaced: %v %v", info.Mode(), err)
	}
	if got := readText(t, real); got != "a aa\nb new\n" {
		t.Errorf("the target contains %q", got)
	}
}

func TestEditModes(t *testing.T) {
	if !osfile.HasModes {
		t.Skip("this system has no permission bits")
	}
	for before, after := range map[os.FileMode]os.FileMode{0o644: 0o600, 0o600: 0o600, 0o666: 0o600, 0o660: 0o600, 0o640: 0o640, 0o400: 0o600} {
		path := filepath.Join(t.TempDir(), "pwd.txt")
		writeFile(t, path, "a aa\n")
		if err := errors.Join(os.Chmod(path, before), Edit(path, false, add("b"))); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != after {
			t.Errorf("%v became %v, want %v (%v)", before, info.Mode().Perm(), after, err)
		}
	}
	path := filepath.Join(t.TempDir(), "new.txt")
	if err := Edit(path, true, add("b")); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("a new file has mode %v (%v)", info.Mode().Perm(), err)
	}
}

func TestExposure(t *testing.T) {
	if !osfile.HasModes {
		t.Skip("this system has no permission bits")
	}
	path := filepath.Join(t.TempDir(), "pwd.txt")
	if got := Exposure(path); got != "" {
		t.Errorf("a missing file: %s", got)
	}
	writeFile(t, path, "")
	for mode, want := range map[os.FileMode]string{0o600: "", 0o640: "", 0o440: "", 0o644: "read", 0o604: "read", 0o620: "write", 0o602: "write", 0o666: "read it, and users"} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if got := Exposure(path); (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%v: %q, want %q", mode, got, want)
		}
	}
}
