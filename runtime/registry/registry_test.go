package registry

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	goruntime "runtime"
	"strings"
	"testing"
	"time"

	"tabcell/runtime/osfile"
)

func at(seconds int64) func() time.Time { return func() time.Time { return time.Unix(seconds, 0) } }

func open(t testing.TB, dir string, o Options) *Registry {
	t.Helper()
	r, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// reopen closes r and opens the registry again, as after a restart. No manifest may be damaged.
func reopen(t testing.TB, r *Registry, dir string, o Options) *Registry {
	t.Helper()
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	reopened := open(t, dir, o)
	for _, d := range reopened.DamagedManifests() {
		t.Errorf("damaged manifest %s: %v", d.File, d.Err)
	}
	return reopened
}

func source(name, text string) Deployment {
	return Deployment{Name: name, Code: Code{Kind: Source, Function: "f", Content: []byte(text)}}
}

func mustDeploy(t testing.TB, r *Registry, d Deployment) Endpoint {
	t.Helper()
	e, err := r.Deploy(d)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// files returns the paths of all files of the registry except the lock.
func files(t testing.TB, dir string) []string {
	t.Helper()
	var names []string
	for _, sub := range []string{endpointsDir, codeDir, tempDir} {
		entries, err := os.ReadDir(filepath.Join(dir, sub))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			names = append(names, sub+"/"+e.Name())
		}
	}
	return names
}

func TestRestart(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "deep", "models")
	r := open(t, dir, Options{Now: at(100)})
	d := Deployment{
		Name:     "my model-1_x",
		Metadata: Metadata{Description: "100% <sure> & ü", Docstring: "Ünïcode\n\n  100%\\n", Schema: json.RawMessage(`{"a": [1.0, "<é>", null]}`), Dependencies: []string{"other"}, Public: true},
		Code:     Code{Kind: Pickle, Requires: []string{"numpy"}, Content: []byte("\x80\x05code")}, Author: "anna",
	}
	deployed := mustDeploy(t, r, d)
	if deployed.Version != 1 || deployed.Created != 100 || deployed.Type != TypeModel || deployed.Docstring != d.Docstring {
		t.Errorf("Deploy returned %+v", deployed)
	}
	r = reopen(t, r, dir, Options{Now: at(200)})
	loaded, ok := r.Get(d.Name)
	deployed.Schema = json.RawMessage(`{"a":[1.0,"<é>",null]}`)
	if !ok || !reflect.DeepEqual(loaded, deployed) {
		t.Errorf("after a restart\n%+v, want\n%+v", loaded, deployed)
	}
	if content, err := r.Content(loaded.Current()); err != nil || string(content) != "\x80\x05code" {
		t.Errorf("content %q, error %v", content, err)
	}
	if goruntime.GOOS != "windows" {
		for _, p := range append([]string{"."}, files(t, dir)...) {
			if info, _ := os.Stat(filepath.Join(dir, p)); info.Mode().Perm()&0o077 != 0 {
				t.Errorf("%s has mode %v", p, info.Mode())
			}
		}
	}
}

func TestRollback(t *testing.T) {
	dir := t.TempDir()
	o := Options{KeepVersions: 3, Now: at(7)}
	r := open(t, dir, o)
	for _, text := range []string{"one", "two", "three", "four"} {
		d := source("m", text)
		d.Docstring, d.Replace = "returns "+text, true
		mustDeploy(t, r, d)
	}
	e, _ := r.Get("m")
	if e.Version != 4 || e.versionNumbers() != "4, 3, 2" || len(files(t, dir)) != 1+3 {
		t.Fatalf("version %d, kept %s, files %v", e.Version, e.versionNumbers(), files(t, dir))
	}
	if _, err := r.Rollback("m", 1, ""); !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), "4, 3, 2") {
		t.Errorf("rolling back to a version that is not kept: %v", err)
	}
	if _, err := r.Rollback("none", 0, ""); !errors.Is(err, ErrNotFound) {
		t.Errorf("rolling back an unknown endpoint: %v", err)
	}
	back, err := r.Rollback("m", 0, "eve")
	if err != nil || back.Version != 5 || back.Docstring != "returns three" || back.Current().CopyOf != 3 || back.Current().Author != "eve" {
		t.Fatalf("rolled back to %+v, error %v", back, err)
	}
	if content, err := r.Content(back.Current()); string(content) != "three" || err != nil {
		t.Errorf("content %q, error %v", content, err)
	}
	r = reopen(t, r, dir, o)
	if back, err = r.Rollback("m", 4, ""); err != nil || back.Version != 6 || back.Docstring != "returns four" || back.versionNumbers() != "6, 5, 4" {
		t.Fatalf("rolled back to %+v, error %v", back, err)
	}
	if got := files(t, dir); len(got) != 1+2 { // versions 6 and 4 share their file
		t.Errorf("files %v", got)
	}
}

func TestDigests(t *testing.T) {
	a := Version{Kind: Source, Function: "f", Sum: osfile.Digest([]byte("x"))}
	seen := map[string]bool{}
	for _, v := range []Version{a, {Kind: Pickle, Function: "f", Sum: a.Sum}, {Kind: Source, Function: "g", Sum: a.Sum}, {Kind: Source, Function: "f", Sum: osfile.Digest([]byte("y"))}, {Kind: Source, Function: "f", Sum: a.Sum, Requires: []string{"scipy"}}} {
		seen[v.Digest()] = true
	}
	if b := (Version{Kind: Source, Function: "f", Sum: a.Sum, Number: 9, Docstring: "other"}); len(seen) != 5 || !seen[b.Digest()] {
		t.Errorf("digests %v", seen)
	}
}

func TestUpdateMetadata(t *testing.T) {
	dir := t.TempDir()
	r := open(t, dir, Options{Now: at(1)})
	mustDeploy(t, r, source("m", "code"))
	r.options.Now = at(2)
	e, err := r.UpdateMetadata("m", func(a *Metadata) { a.Description, a.Docstring, a.Public = "d", "doc", true })
	if err != nil || e.Version != 1 || e.Modified != 2 || e.Created != 1 || e.Versions[0].Docstring != "doc" {
		t.Fatalf("%+v, error %v", e, err)
	}
	if _, err := r.UpdateMetadata("none", func(*Metadata) {}); !errors.Is(err, ErrNotFound) {
		t.Errorf("error %v", err)
	}
	r = reopen(t, r, dir, Options{})
	if loaded, _ := r.Get("m"); !reflect.DeepEqual(loaded, e) {
		t.Errorf("after a restart %+v", loaded)
	}
}

func TestAliases(t *testing.T) {
	r := open(t, t.TempDir(), Options{})
	alias := func(name, target string) Deployment { return Deployment{Name: name, Target: target, Replace: true} }
	if _, err := r.Deploy(alias("a", "m")); !errors.Is(err, ErrInvalidTarget) {
		t.Errorf("an alias of an unknown endpoint: %v", err)
	}
	mustDeploy(t, r, source("m", "code"))
	a := mustDeploy(t, r, alias("a", "m"))
	mustDeploy(t, r, alias("b", "a"))
	if a.Type != TypeAlias || a.Version != 1 {
		t.Errorf("alias %+v", a)
	}
	if e, err := r.Resolve("b"); err != nil || e.Name != "m" {
		t.Errorf("b resolves to %q, error %v", e.Name, err)
	}
	if _, err := r.Resolve("none"); !errors.Is(err, ErrNotFound) {
		t.Errorf("error %v", err)
	}
	for _, loop := range []Deployment{alias("a", "a"), alias("m", "b")} {
		if _, err := r.Deploy(loop); !errors.Is(err, ErrInvalidTarget) {
			t.Errorf("deploying a loop of aliases: %v", err)
		}
	}
	if err := r.Remove("m"); !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), "a") {
		t.Errorf("removing the target of an alias: %v", err)
	}
	for _, name := range []string{"b", "a", "m"} {
		if err := r.Remove(name); err != nil {
			t.Error(err)
		}
	}
}

func TestAliasChainLimit(t *testing.T) {
	r := open(t, t.TempDir(), Options{})
	mustDeploy(t, r, source("0", "code"))
	var err error
	for i := 1; i < 2*maxAliasHops && err == nil; i++ {
		_, err = r.Deploy(Deployment{Name: strings.Repeat("x", i), Target: strings.Repeat("x", i-1) + strings.Repeat("0", max(0, 2-i))})
	}
	if !errors.Is(err, ErrInvalidTarget) {
		t.Errorf("deploying a chain of %d aliases: %v", 2*maxAliasHops, err)
	}
}

func TestRemove(t *testing.T) {
	dir := t.TempDir()
	r := open(t, dir, Options{})
	mustDeploy(t, r, source("m", "shared"))
	mustDeploy(t, r, source("n", "shared"))
	if err := r.Remove("m"); err != nil {
		t.Fatal(err)
	}
	if e, _ := r.Get("n"); e.Name != "n" {
		t.Fatal("removing m removed n")
	} else if _, err := r.Content(e.Current()); err != nil {
		t.Errorf("removing m removed the code of n: %v", err)
	}
	if err := r.Remove("n"); err != nil || len(files(t, dir)) != 0 {
		t.Errorf("error %v, files %v", err, files(t, dir))
	}
	if err := r.Remove("n"); !errors.Is(err, ErrNotFound) {
		t.Errorf("removing it twice: %v", err)
	}
	e := mustDeploy(t, r, source("n", "new"))
	if e.Version != 1 {
		t.Errorf("a new endpoint has version %d", e.Version)
	}
}

func TestInvalidDeployments(t *testing.T) {
	r := open(t, t.TempDir(), Options{MaxBytes: 8, MaxCount: 1})
	long := source("m", "12345678")
	long.Description = strings.Repeat("x", maxManifestBytes)
	for name, c := range map[string]struct {
		d    Deployment
		want error
	}{
		"no name":           {source("", "code"), ErrInvalidName},
		"a colon":           {source("a:b", "code"), ErrInvalidName},
		"a line feed":       {source("a\n", "code"), ErrInvalidName},
		"a carriage return": {source("a\rb", "code"), ErrInvalidName},
		"a NUL":             {source("a\x00", "code"), ErrInvalidName},
		"not ASCII":         {source("Größe", "code"), ErrInvalidName},
		"a no-break space":  {source("a\u00a0b", "code"), ErrInvalidName},
		"a slash":           {source("../../etc/passwd", "code"), ErrInvalidName},
		"a dot":             {source("..", "code"), ErrInvalidName},
		"too long":          {source(strings.Repeat("x", maxNameBytes+1), "code"), ErrInvalidName},
		"no code":           {source("m", ""), ErrInvalid},
		"no kind":           {Deployment{Name: "m", Code: Code{Content: []byte("x")}}, ErrInvalid},
		"too much code":     {source("m", "123456789"), ErrTooLarge},
		"long description":  {long, ErrTooLarge},
		"alias with code":   {Deployment{Name: "m", Target: "n", Code: Code{Kind: Source, Content: []byte("x")}}, ErrInvalid},
	} {
		if _, err := r.Deploy(c.d); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	mustDeploy(t, r, source("m", "12345678"))
	if _, err := r.Deploy(source("m", "x")); !errors.Is(err, ErrExists) {
		t.Errorf("deploying it twice: %v", err)
	}
	if _, err := r.Deploy(source("n", "x")); !errors.Is(err, ErrTooMany) {
		t.Errorf("deploying one too many: %v", err)
	}
	replaced := source("m", "x")
	replaced.Replace = true
	mustDeploy(t, r, replaced)
}

func TestSimilarNames(t *testing.T) {
	dir := t.TempDir()
	r := open(t, dir, Options{})
	names := []string{"a", "A", "a ", " a", "con", "NUL", "-", "--help", "_", strings.Repeat("x", maxNameBytes), strings.Repeat("X", maxNameBytes)}
	for _, name := range names {
		mustDeploy(t, r, source(name, "code of "+name))
	}
	r = reopen(t, r, dir, Options{})
	for _, name := range names {
		e, ok := r.Get(name)
		content, err := r.Content(e.Current())
		if !ok || err != nil || string(content) != "code of "+name {
			t.Errorf("%q: found %v, content %q, error %v", name, ok, content, err)
		}
	}
}

func TestConcurrentOpens(t *testing.T) {
	dir := t.TempDir()
	r := open(t, dir, Options{})
	mustDeploy(t, r, source("m", "code"))
	if _, err := Open(dir, Options{}); !errors.Is(err, ErrLocked) {
		t.Fatalf("opening it twice: %v", err)
	}
	reader := open(t, dir, Options{ReadOnly: true})
	if e, ok := reader.Get("m"); !ok || e.Version != 1 {
		t.Errorf("the reader sees %+v", e)
	}
	if _, err := reader.Deploy(source("n", "code")); !errors.Is(err, ErrReadOnly) {
		t.Errorf("error %v", err)
	}
	if err := reader.Remove("m"); !errors.Is(err, ErrReadOnly) {
		t.Errorf("error %v", err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Deploy(source("n", "code")); !errors.Is(err, ErrClosed) {
		t.Errorf("error %v", err)
	}
	open(t, dir, Options{})
}

func TestReadOnlyMissingFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "none")
	r := open(t, dir, Options{ReadOnly: true})
	if len(r.List()) != 0 {
		t.Errorf("it contains %v", r.List())
	}
	if _, err := r.Content(Version{Sum: osfile.Digest(nil)}); !errors.Is(err, ErrDamaged) {
		t.Errorf("error %v", err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a read-only registry created its folder: %v", err)
	}
}

func TestUnsafeFolders(t *testing.T) {
	if goruntime.GOOS == "windows" {
		t.Skip("Windows has no permission bits")
	}
	public, inner := t.TempDir(), t.TempDir()
	_ = os.Chmod(public, 0o777)
	_ = os.Mkdir(filepath.Join(inner, codeDir), 0o700)
	_ = os.Chmod(filepath.Join(inner, codeDir), 0o750)
	linked := t.TempDir()
	_ = os.Symlink(t.TempDir(), filepath.Join(linked, endpointsDir))
	file := filepath.Join(t.TempDir(), "file")
	_ = os.WriteFile(file, nil, 0o600)
	for _, dir := range []string{public, inner, linked, file} {
		if r, err := Open(dir, Options{}); err == nil || !strings.Contains(err.Error(), dir) {
			t.Errorf("%s: Open returned %v, want an error with the path", dir, err)
			_ = r.Close()
		}
	}
}

func TestSweep(t *testing.T) {
	dir := t.TempDir()
	r := open(t, dir, Options{})
	mustDeploy(t, r, source("m", "code"))
	want := files(t, dir)
	for _, p := range []string{tempDir + "/half", codeDir + "/" + osfile.Digest([]byte("orphan")), codeDir + "/unknown"} {
		if err := os.WriteFile(filepath.Join(dir, p), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	reopen(t, r, dir, Options{})
	if got := files(t, dir); !reflect.DeepEqual(got, want) {
		t.Errorf("files %v, want %v", got, want)
	}
}

func TestDamagedManifests(t *testing.T) {
	for name, spoil := range map[string]func(text []byte) []byte{
		"truncated": func(b []byte) []byte { return b[:len(b)/2] },
		"empty":     func([]byte) []byte { return nil },
		"changed":   func(b []byte) []byte { return []byte(strings.Replace(string(b), `"version":1`, `"version":2`, 1)) },
		"of another endpoint": func([]byte) []byte {
			b, _ := encodeManifest(Endpoint{Name: "x", Type: TypeAlias, Target: "y", Version: 1})
			return b
		},
		"newer format": func(b []byte) []byte { return []byte(strings.Replace(string(b), `"format":1`, `"format":2`, 1)) },
		"enormous":     func([]byte) []byte { return make([]byte, maxManifestBytes+1) },
		"path as sum":  func([]byte) []byte { return forged(Version{Number: 1, Sum: "../../../etc/passwd"}) },
		"no version":   func([]byte) []byte { return forged() },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			r := open(t, dir, Options{})
			mustDeploy(t, r, source("m", "code"))
			mustDeploy(t, r, source("intact", "code"))
			path := filepath.Join(dir, manifestPath("m"))
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, spoil(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := r.Close(); err != nil {
				t.Fatal(err)
			}
			r = open(t, dir, Options{})
			if d := r.DamagedManifests(); len(d) != 1 || d[0].File != manifestPath("m") {
				t.Errorf("damaged manifests %v", d)
			}
			if _, ok := r.Get("m"); ok {
				t.Error("the damaged endpoint exists")
			}
			if intact, ok := r.Get("intact"); !ok {
				t.Error("the intact endpoint does not exist")
			} else if _, err := r.Content(intact.Current()); err != nil {
				t.Error(err)
			}
			mustDeploy(t, r, source("m", "repaired"))
			reopen(t, r, dir, Options{})
		})
	}
}

// forged returns a manifest of the endpoint m with a valid checksum and the given versions.
func forged(versions ...Version) []byte {
	text, err := encodeManifest(Endpoint{Name: "m", Type: TypeModel, Version: 1, Versions: versions})
	if err != nil {
		panic(err)
	}
	return text
}

func TestDamagedCode(t *testing.T) {
	dir := t.TempDir()
	r := open(t, dir, Options{})
	e := mustDeploy(t, r, source("m", "code"))
	path := filepath.Join(dir, codeDir, e.Current().Sum)
	for _, text := range []string{"c0de", "cod", "codecode", ""} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if content, err := r.Content(e.Current()); !errors.Is(err, ErrDamaged) || content != nil {
			t.Errorf("%q: content %q, error %v", text, content, err)
		}
	}
	if _, err := r.Rollback("m", 1, ""); !errors.Is(err, ErrDamaged) {
		t.Errorf("rolling back to damaged code: %v", err)
	}
	repaired := source("m", "code")
	repaired.Replace = true
	e = mustDeploy(t, r, repaired)
	if content, err := r.Content(e.Current()); err != nil || string(content) != "code" {
		t.Errorf("after deploying it again: content %q, error %v", content, err)
	}
}
