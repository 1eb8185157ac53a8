package registry

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	goruntime "runtime"
	"strings"
	"testing"
	"time"

	"tabcell/runtime/osfile"
)

// archived returns an archive of the named endpoints, or of all.
func archived(t testing.TB, r *Registry, names ...string) []byte {
	t.Helper()
	file, err := archiveOf(r, names...)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func archiveOf(r *Registry, names ...string) ([]byte, error) {
	var file bytes.Buffer
	a, err := NewArchiveWriter(&file, "1.2.3", time.Unix(7, 0))
	if names == nil {
		for _, e := range r.List() {
			names = append(names, e.Name)
		}
	}
	for _, name := range names {
		x, openErr := r.OpenExport(name)
		if err = errors.Join(err, openErr); err == nil {
			err = errors.Join(x.AddTo(a), x.Close())
		}
	}
	err = errors.Join(err, a.Close())
	return file.Bytes(), err
}

// restored restores an archive. It returns the outcomes and the errors of endpoints, and the
// error at the end of the archive.
func restored(to *Registry, file []byte, replace bool) (outcomes map[string]any, err error) {
	outcomes = map[string]any{}
	a, err := NewArchiveReader(bytes.NewReader(file), to.options.MaxBytes)
	if err != nil {
		return outcomes, err
	}
	for {
		e, err := a.Next()
		if damaged, ok := errors.AsType[*ArchivedError](err); ok {
			outcomes[damaged.Name] = err
			continue
		}
		if err == io.EOF {
			return outcomes, nil
		}
		if err != nil {
			return outcomes, err
		}
		s, err := to.Stage(a, e)
		if err != nil {
			outcomes[e.Name] = err
			continue
		}
		outcome, err := Outcome(""), error(nil)
		if _, outcome, err = to.Restore(s, replace); err != nil {
			outcomes[e.Name] = err
		} else {
			outcomes[e.Name] = outcome
		}
		s.Discard()
	}
}

// versioned returns a registry with versions, a rollback, an alias and an endpoint that does not
// load.
func versioned(t *testing.T, dir string) *Registry {
	r := filled(t, dir)
	if _, err := r.Rollback("m", 1, "ann"); err != nil {
		t.Fatal(err)
	}
	if _, err := r.UpdateMetadata("n", func(a *Metadata) {
		a.Schema, a.Dependencies, a.Description = json.RawMessage(`{"x":"<1>"}`), []string{"m"}, "Größe"
	}); err != nil {
		t.Fatal(err)
	}
	mustDeploy(t, r, source("broken", "this is not Python"))
	return r
}

// An archive has everything: another machine has the same registry afterwards.
func TestArchive(t *testing.T) {
	from := versioned(t, t.TempDir())
	file := archived(t, from)
	dir := t.TempDir()
	to := open(t, dir, Options{Now: at(99)})
	outcomes, err := restored(to, file, false)
	if want := map[string]any{"a": Created, "broken": Created, "m": Created, "n": Created}; err != nil || !reflect.DeepEqual(outcomes, want) {
		t.Fatalf("%v, error %v", outcomes, err)
	}
	to = reopen(t, to, dir, Options{})
	if got, want := to.List(), from.List(); !reflect.DeepEqual(got, want) {
		t.Errorf("restored %+v\nwant %+v", got, want)
	}
	checkContents(t, to)
	if m, _ := to.Get("m"); m.Version != 3 || len(m.Versions) != 3 || m.Versions[0].CopyOf != 1 || m.Versions[0].Author != "ann" {
		t.Errorf("history %+v", m)
	}
	outcomes, err = restored(to, file, false)
	if err != nil || outcomes["m"] != Unchanged || outcomes["a"] != Unchanged {
		t.Errorf("again: %v, error %v", outcomes, err)
	}
	if again := archived(t, to); !bytes.Equal(again, file) {
		t.Error("an archive of the restored registry differs")
	}
	if left, err := to.disk.names(tempDir); err != nil || len(left) > 0 {
		t.Errorf("temporary files %v, error %v", left, err)
	}
}

func TestRestoreOverExisting(t *testing.T) {
	from := versioned(t, t.TempDir())
	file := archived(t, from, "m")
	dir := t.TempDir()
	to := open(t, dir, Options{Now: at(50), KeepVersions: 2})
	mustDeploy(t, to, source("m", "mine"))
	if outcomes, err := restored(to, file, false); err != nil || !errors.Is(outcomes["m"].(error), ErrExists) {
		t.Errorf("%v, error %v", outcomes, err)
	}
	if m, _ := to.Get("m"); m.Version != 1 {
		t.Errorf("the endpoint was changed: %+v", m)
	}
	if outcomes, err := restored(to, file, true); err != nil || outcomes["m"] != Replaced {
		t.Errorf("%v, error %v", outcomes, err)
	}
	m, _ := to.Get("m")
	if m.Version != 3 || len(m.Versions) != 2 {
		t.Errorf("want the newest two versions: %+v", m)
	}
	to = reopen(t, to, dir, Options{})
	checkContents(t, to)
	if files, err := to.disk.names(codeDir); err != nil || len(files) != 2 {
		t.Errorf("code of %v, error %v; want that of two versions", files, err)
	}
}

// Limits apply to archives as to deployments.
func TestRestoreLimits(t *testing.T) {
	file := archived(t, versioned(t, t.TempDir()))
	for name, c := range map[string]struct {
		options Options
		want    error
	}{
		"TABCELL_MODELS_MAX_MB":    {Options{MaxBytes: 2}, ErrTooLarge},
		"TABCELL_MODELS_MAX_COUNT": {Options{MaxCount: -1}, ErrTooMany},
	} {
		to := open(t, t.TempDir(), c.options)
		outcomes, err := restored(to, file, true)
		if problem, ok := outcomes["m"].(error); err != nil || !ok || !errors.Is(problem, c.want) || !strings.Contains(problem.Error(), name) {
			t.Errorf("%s: %v, error %v", name, outcomes, err)
		}
		if left, _ := to.disk.names(tempDir); len(left) > 0 {
			t.Errorf("%s: temporary files %v", name, left)
		}
	}
	dir := t.TempDir()
	open(t, dir, Options{}).Close()
	if outcomes, _ := restored(open(t, dir, Options{ReadOnly: true}), file, true); !errors.Is(outcomes["m"].(error), ErrReadOnly) {
		t.Errorf("read-only: %v", outcomes)
	}
}

// A damaged endpoint is left out of an archive, by its name, and old versions with damaged code
// are.
func TestExportOfDamagedEndpoints(t *testing.T) {
	dir := t.TempDir()
	r := versioned(t, dir)
	m, _ := r.Get("m")
	damage := func(sum string) {
		if err := os.WriteFile(filepath.Join(dir, codeDir, sum), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	damage(m.Versions[1].Sum)
	x, err := r.OpenExport("m")
	if err != nil || !reflect.DeepEqual(x.Damaged, []int{2}) || len(x.Endpoint.Versions) != 2 {
		t.Fatalf("%+v, error %v", x, err)
	}
	x.Close()
	damage(m.Versions[0].Sum)
	if _, err := r.OpenExport("m"); !errors.Is(err, ErrDamaged) {
		t.Errorf("damaged current version: error %v", err)
	}
	if _, err := r.OpenExport("none"); !errors.Is(err, ErrNotFound) {
		t.Errorf("missing endpoint: error %v", err)
	}
	text, err := os.ReadFile(filepath.Join(dir, manifestPath("n")))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, manifestPath("n")), bytes.Replace(text, []byte("Gr"), []byte("gr"), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if damaged := open(t, dir, Options{}).DamagedManifests(); len(damaged) != 1 || damaged[0].Name != "n" {
		t.Errorf("%+v", damaged)
	}
}

// An export of a folder that a server changes has the present state of each endpoint.
func TestExportWhileChanged(t *testing.T) {
	dir := t.TempDir()
	writer := open(t, dir, Options{Now: at(1), KeepVersions: 1})
	mustDeploy(t, writer, source("m", "one"))
	reader := open(t, dir, Options{ReadOnly: true})
	second := source("m", "two")
	second.Replace = true
	mustDeploy(t, writer, second) // removes the code that reader knows
	x, err := reader.OpenExport("m")
	if err != nil || x.Endpoint.Version != 2 {
		t.Fatalf("%+v, error %v", x, err)
	}
	if err := writer.Remove("m"); err != nil { // the files stay readable
		t.Fatal(err)
	}
	a, err := NewArchiveWriter(io.Discard, "", time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(x.AddTo(a), x.Close()); err != nil {
		t.Error(err)
	}
	if _, err := reader.OpenExport("m"); !errors.Is(err, ErrNotFound) {
		t.Errorf("removed endpoint: error %v", err)
	}
}

func TestArchiveSize(t *testing.T) {
	r := versioned(t, t.TempDir())
	for _, e := range r.List() {
		size, err := ArchiveSize(e, "1.2.3", time.Unix(7, 0))
		if want := int64(len(archived(t, r, e.Name))); err != nil || size != want {
			t.Errorf("%s: %d bytes, want %d, error %v", e.Name, size, want, err)
		}
	}
}

// tarFile returns a tar file with the given pairs of name and content, and header changed by edit.
func tarFile(edit func(*tar.Header), pairs ...string) []byte {
	var file bytes.Buffer
	archive := tar.NewWriter(&file)
	for i := 0; i < len(pairs); i += 2 {
		h := &tar.Header{Name: pairs[i], Mode: 0o600, Size: int64(len(pairs[i+1])), Typeflag: tar.TypeReg, Format: tar.FormatUSTAR}
		if edit != nil {
			edit(h)
		}
		if err := archive.WriteHeader(h); err != nil {
			panic(err)
		}
		if h.Typeflag == tar.TypeReg {
			if _, err := archive.Write([]byte(pairs[i+1])); err != nil {
				panic(err)
			}
		}
	}
	_ = archive.Flush()
	return file.Bytes()
}

func TestHostileArchives(t *testing.T) {
	const header = `{"format":2}`
	sum := osfile.Digest([]byte("code"))
	model := string(forged(Version{Number: 1, Kind: Source, Sum: sum, Size: 4}))
	link := func(h *tar.Header) {
		if h.Name == "0001/endpoint.json" {
			h.Typeflag, h.Linkname, h.Size = tar.TypeSymlink, "/etc/passwd", 0
		}
	}
	pax := func(h *tar.Header) {
		if h.Name == "0001/"+sum {
			h.Format, h.PAXRecords = tar.FormatPAX, map[string]string{"TABCELL.x": "1"}
		}
	}
	good := []string{"archive.json", header, "0001/endpoint.json", model, "0001/" + sum, "code"}
	for name, file := range map[string][]byte{
		"not a tar file":       []byte("PK\x03\x04" + strings.Repeat("x", 1000)),
		"nothing":              nil,
		"another format":       tarFile(nil, "archive.json", `{"format":3}`),
		"the format before":    tarFile(nil, "0001/endpoint.json", model, "0001/code", "code"),
		"path outside":         tarFile(nil, "archive.json", header, "../../etc/passwd", "root"),
		"absolute path":        tarFile(nil, "archive.json", header, "/etc/passwd", "root"),
		"path outside as code": tarFile(nil, "archive.json", header, "0001/endpoint.json", model, "0001/../../x", "code"),
		"link":                 tarFile(link, good...),
		"PAX records":          tarFile(pax, good...),
		"huge manifest":        tarFile(nil, "archive.json", header, "0001/endpoint.json", strings.Repeat("x", maxManifestBytes+1)),
		"wrong digest":         tarFile(nil, append(good, "digest.json", `{"endpoints":1,"sha256":"00"}`)...),
		"no digest":            tarFile(nil, good...),
		"truncated":            tarFile(nil, good...)[:1600],
	} {
		to := open(t, t.TempDir(), Options{MaxBytes: 100})
		if outcomes, err := restored(to, file, true); !errors.Is(err, ErrNotArchive) {
			t.Errorf("%s: %v, error %v", name, outcomes, err)
		}
		if files, _ := to.disk.names("."); len(files) != 4 {
			t.Errorf("%s: the registry has the files %v", name, files)
		}
	}
}

// Damage of one endpoint does not stop the others.
func TestDamagedEndpointsInArchives(t *testing.T) {
	good := archived(t, versioned(t, t.TempDir()))
	sum := osfile.Digest([]byte("code"))
	model := func(name string, size int64) string {
		text, err := encodeManifest(Endpoint{Name: name, Type: TypeModel, Version: 1, Versions: []Version{{Number: 1, Kind: Source, Sum: sum, Size: size}}})
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	rest := []string{"0002/endpoint.json", model("last", 4), "0002/" + sum, "code"}
	for name, c := range map[string]struct {
		damaged string // name of the endpoint
		first   []string
	}{
		"manifest":      {"m", []string{"0001/endpoint.json", strings.Replace(model("m", 4), `"version":1`, `"version":2`, 1), "0001/" + sum, "c0de"}},
		"bad checksum":  {"m", []string{"0001/endpoint.json", strings.Replace(model("m", 4), `"sum":"`, `"sum":"0`, 1), "0001/" + sum, "code"}},
		"no JSON":       {"0001/endpoint.json", []string{"0001/endpoint.json", "{"}},
		"name":          {"0001/endpoint.json", []string{"0001/endpoint.json", model("../m", 4), "0001/" + sum, "code"}},
		"code":          {"m", []string{"0001/endpoint.json", model("m", 4), "0001/" + sum, "c0de"}},
		"size":          {"m", []string{"0001/endpoint.json", model("m", 5), "0001/" + sum, "code"}},
		"huge size":     {"m", []string{"0001/endpoint.json", model("m", 1<<62), "0001/" + sum, "code"}},
		"missing code":  {"m", []string{"0001/endpoint.json", model("m", 4)}},
		"name is twice": {"last", []string{"0001/endpoint.json", model("last", 4), "0001/" + sum, "code"}},
	} {
		to := open(t, t.TempDir(), Options{})
		outcomes, err := restored(to, tarFile(nil, append(append([]string{"archive.json", `{"format":2}`}, c.first...), rest...)...), true)
		if problem, ok := outcomes[c.damaged].(error); !ok || !errors.Is(err, ErrNotArchive) {
			t.Errorf("%s: %v, error %v, %v", name, outcomes, err, problem)
		}
		if _, ok := to.Get("last"); !ok {
			t.Errorf("%s: the next endpoint is missing: %v", name, outcomes)
		}
	}
	for at := range good { // each single wrong byte is found
		if at%397 != 0 {
			continue
		}
		file := bytes.Clone(good)
		file[at] ^= 1
		to := open(t, t.TempDir(), Options{})
		_, err := restored(to, file, true)
		checkContents(t, to)
		if err == nil && !bytes.Equal(archived(t, to, "n", "broken"), archived(t, versioned(t, t.TempDir()), "n", "broken")) {
			t.Errorf("byte %d: the archive was accepted", at)
		}
	}
}

func FuzzArchive(f *testing.F) {
	sum := osfile.Digest([]byte("code"))
	model := string(forged(Version{Number: 1, Kind: Source, Sum: sum, Size: 4}))
	f.Add(tarFile(nil, "archive.json", `{"format":2}`, "0001/endpoint.json", model, "0001/"+sum, "code", "digest.json", `{"endpoints":1}`))
	f.Add(tarFile(nil, "archive.json", `{"format":2}`, "0001/endpoint.json", model))
	f.Add([]byte("not a tar file"))
	f.Fuzz(func(t *testing.T, file []byte) {
		a, err := NewArchiveReader(bytes.NewReader(file), 100)
		for err == nil {
			var e Endpoint
			e, err = a.Next()
			if _, ok := errors.AsType[*ArchivedError](err); ok {
				err = nil
				continue
			}
			if err != nil {
				break
			}
			if e.Check() != nil {
				t.Fatalf("Next returned %+v", e)
			}
			for {
				v, content, err := a.Code()
				if err != nil {
					break
				}
				text, err := io.ReadAll(content)
				if err == nil && (osfile.Digest(text) != v.Sum || len(text) > 100) {
					t.Fatalf("Code returned %q for %+v", text, v)
				}
			}
		}
	})
}

func FuzzManifest(f *testing.F) {
	for _, seed := range [][]byte{forged(), forged(Version{Number: 1, Sum: osfile.Digest(nil)}), []byte("{}"), nil, []byte(`{"format":1,"sum":"","endpoint":null}`)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		e, err := decodeManifest(manifestPath("m"), text)
		if err != nil {
			return
		}
		encoded, err := encodeManifest(e)
		if err != nil {
			t.Fatal(err)
		}
		if e.Name != "m" || e.Check() != nil {
			t.Fatalf("decodeManifest accepted %+v", e)
		}
		if decoded, err := decodeManifest(manifestPath("m"), encoded); err != nil || decoded.Version != e.Version || len(decoded.Versions) != len(e.Versions) {
			t.Fatalf("%+v was decoded as %+v, error %v", e, decoded, err)
		}
	})
}

// The code of a model goes through archives in pieces: neither an export nor an import holds it.
func TestArchiveHoldsNoCode(t *testing.T) {
	const size = 32 << 20
	from, to := open(t, t.TempDir(), Options{}), open(t, t.TempDir(), Options{})
	mustDeploy(t, from, source("m", strings.Repeat("x", size)))
	reader, writer := io.Pipe()
	var before, after goruntime.MemStats
	goruntime.ReadMemStats(&before)
	go func() {
		a, err := NewArchiveWriter(writer, "", time.Unix(0, 0))
		if err == nil {
			x, openErr := from.OpenExport("m")
			if err = openErr; err == nil {
				err = errors.Join(x.AddTo(a), x.Close(), a.Close())
			}
		}
		_ = writer.CloseWithError(err)
	}()
	a, err := NewArchiveReader(reader, size)
	if err != nil {
		t.Fatal(err)
	}
	e, err := a.Next()
	if err != nil {
		t.Fatal(err)
	}
	s, err := to.Stage(a, e)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Next(); err != io.EOF {
		t.Fatal(err)
	}
	if _, _, err := to.Restore(s, false); err != nil {
		t.Fatal(err)
	}
	goruntime.ReadMemStats(&after)
	if allocated := after.TotalAlloc - before.TotalAlloc; allocated > size/4 {
		t.Errorf("%d bytes were allocated for %d bytes of code", allocated, size)
	}
}
