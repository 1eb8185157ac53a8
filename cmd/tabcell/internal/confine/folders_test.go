package confine

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
)

// TestReadFiles covers the links of Kubernetes, which replaces the folder behind a link.
func TestReadFiles(t *testing.T) {
	dir := resolved(t, t.TempDir())
	own, data, home := filepath.Join(dir, "own"), filepath.Join(dir, "data"), filepath.Join(dir, "home")
	t.Setenv("HOME", home)
	for _, folder := range []string{own, data, home} {
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	write(t, filepath.Join(data, "cert"))
	write(t, filepath.Join(home, "conf"))
	if err := os.Symlink(data, filepath.Join(own, "..data")); err != nil {
		t.Skip("symbolic links cannot be created: ", err)
	}
	if err := os.Symlink("..data/cert", filepath.Join(own, "cert")); err != nil {
		t.Fatal(err)
	}
	paths, fixed := ReadFiles([]string{filepath.Join(own, "cert"), filepath.Join(own, "missing"), filepath.Join(home, "conf"), "/etc/hostname"})
	want := []string{"/etc/hostname", data, filepath.Join(home, "conf"), own}
	slices.Sort(want)
	if !reflect.DeepEqual(paths, want) {
		t.Errorf("got %v, want %v", paths, want)
	}
	if want := []string{"/etc/hostname", filepath.Join(home, "conf")}; !reflect.DeepEqual(fixed, want) {
		t.Errorf("fixed: got %v, want %v", fixed, want)
	}
}

func TestLogFolders(t *testing.T) {
	dir := resolved(t, t.TempDir())
	folders, shared := LogFolders([]string{filepath.Join(dir, "a.log"), filepath.Join(dir, "b.log"), os.DevNull, filepath.Join(os.TempDir(), "x.log")})
	if want := []string{os.TempDir(), dir}; !reflect.DeepEqual(folders, want) {
		t.Errorf("got %v, want %v", folders, want)
	}
	if want := []string{os.TempDir()}; !reflect.DeepEqual(shared, want) {
		t.Errorf("shared: got %v, want %v", shared, want)
	}
}

func write(t *testing.T, path string) {
	t.Helper()
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
}

func resolved(t *testing.T, path string) string {
	t.Helper()
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		t.Fatal(err)
	}
	return real
}
