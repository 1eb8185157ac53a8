package hostfs

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tabcell/runtime/internal/grant"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a granted folder and a folder beside it.
type world struct {
	t                *testing.T
	granted, outside string
	grants           *grant.Grants
	uses             []grant.Use
}

func newWorld(t *testing.T, guest string) *world {
	base := t.TempDir()
	w := &world{t: t, granted: filepath.Join(base, "granted"), outside: filepath.Join(base, "outside")}
	for _, dir := range []string{w.granted, w.outside, filepath.Join(w.granted, "sub")} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	w.write("granted/a.txt", "hello")
	w.write("granted/sub/Model.pkl", "model")
	w.write("outside/secret", "secret")
	w.grants = &grant.Grants{
		List:  []*grant.Grant{{Name: "g", Folders: []grant.Folder{{Host: w.granted, Guest: guest}}}},
		Owner: "account ann", Observe: func(u grant.Use) { w.uses = append(w.uses, u) },
	}
	return w
}

func (w *world) write(name, text string) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(filepath.Dir(w.granted), name), []byte(text), 0o644); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) fs() *FS {
	fs := New(w.t.Context(), Options{Grants: w.grants, Used: func() {}})
	w.t.Cleanup(fs.End)
	return fs
}

// read returns the content of a file.
func read(fs *FS, path string) (string, *grant.Error) {
	handle, err := fs.Open(path)
	if err != nil {
		return "", err
	}
	defer fs.Close(handle)
	b, err := fs.Read(handle, 1000, 0)
	return string(b), err
}

// names returns the entries of a folder: "name" for a file, "name/" for a folder.
func names(t *testing.T, fs *FS, path string) (all []string, err *grant.Error) {
	t.Helper()
	for {
		b, err := fs.List(path, 512, uint32(len(all)))
		if err != nil || len(b) == 0 {
			return all, err
		}
		for len(b) > 0 {
			n := binary.LittleEndian.Uint32(b[4:])
			name := string(b[8 : 8+n])
			if Kind(binary.LittleEndian.Uint32(b)) == Folder {
				name += "/"
			}
			all = append(all, name)
			b = b[8+n:]
		}
	}
}

func wantCode(t *testing.T, name string, err *grant.Error, code grant.Code, text string) {
	t.Helper()
	if err == nil || err.Code != code || !strings.Contains(err.Text, text) {
		t.Errorf("%s: got %+v, want code %d with %q", name, err, code, text)
	}
}

func TestRead(t *testing.T) {
	w := newWorld(t, "/srv/models")
	fs := w.fs()
	handle, err := fs.Open("/srv/models/a.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		n      uint32
		offset uint64
		want   string
	}{{5, 0, "hello"}, {100, 0, "hello"}, {2, 1, "el"}, {5, 4, "o"}, {5, 5, ""}, {5, 1 << 40, ""}, {5, 1<<64 - 1, ""}, {0, 0, ""}, {1<<32 - 1, 0, "hello"}} {
		if b, err := fs.Read(handle, c.n, c.offset); err != nil || string(b) != c.want {
			t.Errorf("%d bytes at %d: %q, %v", c.n, c.offset, b, err)
		}
	}
	if err := fs.Close(handle); err != nil {
		t.Error(err)
	}
	_, err = fs.Read(handle, 1, 0)
	wantCode(t, "closed", err, grant.BadHandle, "")
	wantCode(t, "closed", fs.Close(handle), grant.BadHandle, "")
	if want := (grant.Use{Grant: "g", Owner: "account ann", Kind: grant.UseFile, Target: "/srv/models/a.txt", In: 18, Outcome: grant.OutcomeOK}); len(w.uses) != 1 || w.uses[0].Duration <= 0 {
		t.Errorf("uses %+v", w.uses)
	} else if w.uses[0].Duration = 0; w.uses[0] != want {
		t.Errorf("use %+v, want %+v", w.uses[0], want)
	}
}

func TestStat(t *testing.T) {
	w := newWorld(t, "/srv/models")
	fs := w.fs()
	info, err := fs.Stat("/srv/models/./sub/../a.txt")
	if err != nil || info.Kind != File || info.Size != 5 || info.ID == 0 || time.Since(time.Unix(0, info.ModTime)) > time.Hour {
		t.Errorf("a file: %+v, %v", info, err)
	}
	for _, folder := range []string{"/", "/srv", "/srv/models", "/srv/models/sub", "/srv/models/"} {
		if info, err := fs.Stat(folder); err != nil || info.Kind != Folder || info.ID == 0 {
			t.Errorf("%s: %+v, %v", folder, info, err)
		}
	}
	for _, missing := range []string{"/srv/models/b.txt", "/srv/model", "/etc/passwd", "/srv/models/../../etc/passwd", "/srv/models/sub/x/y"} {
		_, err := fs.Stat(missing)
		wantCode(t, missing, err, grant.NotFound, "")
	}
	_, err = fs.Stat("/srv/models/a.txt/x")
	wantCode(t, "below a file", err, grant.NotFolder, "")
}

func TestErrors(t *testing.T) {
	w := newWorld(t, "/srv/models")
	fs := w.fs()
	for path, want := range map[string]grant.Code{
		"/etc/passwd": grant.Denied, "/srv/other": grant.Denied, w.outside + "/secret": grant.Denied, w.granted + "/a.txt": grant.Denied,
		"/srv/models": grant.IsFolder, "/srv": grant.IsFolder, "/srv/models/sub": grant.IsFolder, "/srv/models/x": grant.NotFound, "x": grant.NotFound, "": grant.NotFound,
		"/srv/models/a\x00": grant.NotFound, "/srv/models/../../" + w.outside + "/secret": grant.Denied,
	} {
		if _, err := read(fs, path); err == nil || err.Code != want || strings.Contains(err.Text, w.granted) && !strings.HasPrefix(path, w.granted) {
			t.Errorf("%q: %+v, want code %d", path, err, want)
		}
	}
	_, err := read(fs, "/etc/passwd")
	wantCode(t, "text", err, grant.Denied, "no grant of this server allows reading /etc/passwd (account ann); ask the administrator")
	_, err = names(t, fs, "/etc")
	wantCode(t, "list", err, grant.Denied, "no grant of this server allows reading /etc")
	_, err = names(t, fs, "/srv/models/a.txt")
	wantCode(t, "list of a file", err, grant.NotFolder, "")
	if len(w.uses) == 0 || w.uses[0].Outcome == grant.OutcomeOK {
		t.Errorf("uses %+v", w.uses)
	}
}

func TestList(t *testing.T) {
	w := newWorld(t, "/srv/models")
	w.grants.List = append(w.grants.List, &grant.Grant{Name: "h", Folders: []grant.Folder{{Host: w.outside, Guest: "/srv/models/sub/deep"}, {Host: w.outside, Guest: "/data"}}})
	for i := range 100 {
		w.write(fmt.Sprintf("granted/sub/%03d-%s", i, strings.Repeat("x", 50)), "")
	}
	fs := w.fs()
	for path, want := range map[string]string{"/": "data/ srv/", "/srv": "models/", "/srv/models": "a.txt sub/", "/data": "secret", "/srv/models/sub/deep": "secret"} {
		if got, err := names(t, fs, path); err != nil || strings.Join(got, " ") != want {
			t.Errorf("%s: %q, %v; want %s", path, got, err, want)
		}
	}
	got, err := names(t, fs, "/srv/models/sub")
	if err != nil || len(got) != 102 || !slices.IsSorted(got) || got[100] != "Model.pkl" || got[101] != "deep/" {
		t.Errorf("%d names, %v", len(got), err)
	}
	if text, err := read(fs, "/srv/models/sub/deep/secret"); err != nil || text != "secret" {
		t.Errorf("a folder inside of another: %q, %v", text, err)
	}
}

func TestWindowsPaths(t *testing.T) {
	for guest, paths := range map[string][]string{
		`C:\models`:         {`C:\models\sub\Model.pkl`, `c:/Models/sub/Model.pkl`, `C:/models\SUB\model.PKL`, `C:\models\x\..\sub\Model.pkl`},
		`\\files\share\mod`: {`\\files\share\mod\sub\Model.pkl`, `\\FILES/share/mod/sub/model.pkl`},
	} {
		w := newWorld(t, guest)
		fs := w.fs()
		for _, path := range paths {
			if text, err := read(fs, path); err != nil || text != "model" {
				t.Errorf("%s: %q, %v", path, text, err)
			}
		}
		for _, path := range []string{`D:\models\a.txt`, `C:\models\..\outside\secret`, `/C:/models/a.txt`, `C:models\a.txt`, `\\files\other\a.txt`} {
			if text, err := read(fs, path); err == nil {
				t.Errorf("%s has the text %q", path, text)
			}
		}
		if got, err := names(t, fs, guest); err != nil || strings.Join(got, " ") != "a.txt sub/" {
			t.Errorf("names %q, %v", got, err)
		}
	}
}

func TestOpenLimits(t *testing.T) {
	w := newWorld(t, "/srv/models")
	fs := w.fs()
	var handles []int32
	for range MaxOpen {
		handle, err := fs.Open("/srv/models/a.txt")
		if err != nil {
			t.Fatal(err)
		}
		handles = append(handles, handle)
	}
	_, err := fs.Open("/srv/models/a.txt")
	wantCode(t, "open files", err, grant.Limit, "128 files of the host open")
	fs.Close(handles[0])
	if text, err := read(fs, "/srv/models/a.txt"); err != nil || text != "hello" {
		t.Error(err)
	}
	fs.opens = maxOpens
	_, err = read(fs, "/srv/models/a.txt")
	wantCode(t, "opened files", err, grant.Limit, "has opened 10000 files")
	if err := os.Truncate(filepath.Join(w.granted, "a.txt"), maxSize+1); err != nil {
		t.Skip(err)
	}
	_, err = w.fs().Open("/srv/models/a.txt")
	wantCode(t, "size", err, grant.Limit, "more than 2 GB")
}

// TestLongList lists a folder with more entries than the limit.
func TestLongList(t *testing.T) {
	defer func(before int) { maxList = before }(maxList)
	maxList = 200
	w := newWorld(t, "/srv/models")
	for i := range maxList - 2 {
		w.write("granted/sub/"+strconv.Itoa(i), "")
	}
	fs := w.fs()
	if _, err := fs.List("/srv/models/sub", 512, 0); err != nil || len(fs.list.entries) != maxList-1 {
		t.Errorf("%d entries, %v", len(fs.list.entries), err)
	}
	w.write("granted/sub/one", "")
	w.write("granted/sub/two", "")
	_, err := fs.List("/srv/models/sub", 512, 0)
	wantCode(t, "entries", err, grant.Limit, "more than 200 entries")
}

// TestEnd checks that the end of a call closes all files, and ends operations.
func TestEnd(t *testing.T) {
	w := newWorld(t, "/srv/models")
	ctx, cancel := context.WithCancel(t.Context())
	fs := New(ctx, Options{Grants: w.grants, Used: func() {}})
	handle, err := fs.Open("/srv/models/a.txt")
	if err != nil {
		t.Fatal(err)
	}
	file := fs.files[handle].file
	cancel()
	_, err = fs.Read(handle, 5, 0)
	wantCode(t, "read", err, grant.Interrupted, "time limit")
	_, err = fs.Open("/srv/models/a.txt")
	wantCode(t, "open", err, grant.Interrupted, "time limit")
	fs.End()
	if _, err := file.Stat(); err == nil {
		t.Error("a file is open after the call")
	}
	if _, err := fs.mounts[0].open(); err == nil {
		t.Error("a folder can be opened after the call")
	}
}

// TestHanging ends a call while the file system hangs, which it does until the test ends.
func TestHanging(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	release := make(chan struct{})
	defer close(release)
	begun := time.Now()
	_, err := run(ctx, func() (int, error) { <-release; return 1, nil })
	if took := time.Since(begun); failure("x", err).Code != grant.Interrupted || took > 10*time.Second {
		t.Errorf("ended with %v after %v", err, took)
	}
}

func FuzzPaths(f *testing.F) {
	for _, s := range []string{"/srv/models/a.txt", "/srv/models/../../etc/passwd", `C:\srv\models\..\..\x`, "/srv/models/sub/..//a.txt"} {
		f.Add(s)
	}
	dir := f.TempDir()
	granted := filepath.Join(dir, "granted")
	if os.Mkdir(granted, 0o755) != nil || os.WriteFile(filepath.Join(granted, "a.txt"), []byte("granted"), 0o644) != nil || os.WriteFile(filepath.Join(dir, "secret"), []byte("secret"), 0o644) != nil {
		f.Fatal("no files")
	}
	for _, link := range [][2]string{{"..", "up"}, {"../secret", "out"}, {"/", "root"}, {"a.txt", "in"}} {
		if err := os.Symlink(link[0], filepath.Join(granted, link[1])); err != nil {
			f.Skip(err)
		}
	}
	grants := &grant.Grants{List: []*grant.Grant{{Name: "g", Folders: []grant.Folder{{Host: granted, Guest: "/srv/models"}, {Host: granted, Guest: `C:\m`}}}}}
	f.Fuzz(func(t *testing.T, path string) {
		fs := New(t.Context(), Options{Grants: grants, Used: func() {}})
		defer fs.End()
		_, _ = fs.Stat(path)
		_, _ = fs.List(path, 512, 0)
		if text, err := read(fs, path); err == nil && !bytes.Equal([]byte(text), []byte("granted")) {
			t.Errorf("%q has the text %q", path, text)
		}
	})
}

// TestPathsOfNoHost checks that a path that no usual host has does not exist, as for TabPy, and that
// it is not reported as refused.
func TestPathsOfNoHost(t *testing.T) {
	refused := 0
	fs := New(t.Context(), Options{Grants: &grant.Grants{Observe: func(grant.Use) { refused++ }}, Used: func() {}})
	defer fs.End()
	for path, want := range map[string]grant.Code{
		"/nonexistent/file": grant.NotFound, "/no": grant.NotFound, "/x/etc/passwd": grant.NotFound,
		"/etc/none": grant.Denied, "/": grant.Denied, "/srv/../data/x": grant.Denied, `C:\none`: grant.Denied, `\\server\share\x`: grant.Denied,
	} {
		refused = 0
		_, err := fs.Open(path)
		if err == nil || err.Code != want || (refused > 0) != (want == grant.Denied) {
			t.Errorf("%s: %v, reported %d times", path, err, refused)
		}
		if alone := NoGrant(path, "ann"); alone.Code != want {
			t.Errorf("%s without any grant: %v", path, alone)
		}
	}
}
