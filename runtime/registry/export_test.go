package registry

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"tabcell/runtime/osfile"
)

func TestExportAndImport(t *testing.T) {
	from := filled(t, t.TempDir())
	if _, err := from.UpdateMetadata("n", func(a *Metadata) { a.Schema, a.Dependencies = json.RawMessage(`{"x":1}`), []string{"m"} }); err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := from.Export(&file, []string{"a", "m", "n"}); err != nil {
		t.Fatal(err)
	}
	to := open(t, t.TempDir(), Options{Now: at(1)})
	err := ReadExport(&file, 100, func(d Deployment) error { _, err := to.Deploy(d); return err })
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range from.List() {
		e.Version = 1
		if len(e.Versions) > 0 {
			e.Versions = e.Versions[:1]
			e.Versions[0].Number = 1
		}
		if got, _ := to.Get(e.Name); !reflect.DeepEqual(got, e) {
			t.Errorf("imported %+v, want %+v", got, e)
		}
	}
	checkContents(t, to)
	if err := from.Export(&file, []string{"none"}); !errors.Is(err, ErrNotFound) {
		t.Errorf("error %v", err)
	}
}

// tarFile returns a tar file with the given pairs of name and content.
func tarFile(pairs ...string) []byte {
	var file bytes.Buffer
	archive := tar.NewWriter(&file)
	for i := 0; i < len(pairs); i += 2 {
		if err := addFile(archive, pairs[i], []byte(pairs[i+1]), time.Unix(0, 0)); err != nil {
			panic(err)
		}
	}
	if err := archive.Close(); err != nil {
		panic(err)
	}
	return file.Bytes()
}

func TestMalformedExports(t *testing.T) {
	model := string(forged(Version{Number: 1, Kind: Source, Sum: osfile.Digest([]byte("code")), Size: 4}))
	for name, file := range map[string][]byte{
		"not a tar file": []byte("PK\x03\x04" + strings.Repeat("x", 1000)),
		"missing code":   tarFile("1/endpoint.json", model),
		"wrong code":     tarFile("1/endpoint.json", model, "1/code", "c0de"),
		"too much code":  tarFile("1/endpoint.json", model, "1/code", strings.Repeat("x", 101)),
		"code first":     tarFile("1/code", "code", "1/endpoint.json", model),
		"unknown file":   tarFile("../../etc/passwd", "root"),
		"empty manifest": tarFile("1/endpoint.json", "{}"),
		"unknown format": tarFile("1/endpoint.json", `{"format": 9, "endpoint": {}}`),
		"truncated":      tarFile("1/endpoint.json", model, "1/code", "code")[:700],
	} {
		deployed := 0
		if err := ReadExport(bytes.NewReader(file), 100, func(Deployment) error { deployed++; return nil }); err == nil || deployed > 0 {
			t.Errorf("%s: %d endpoints deployed, error %v", name, deployed, err)
		}
	}
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
		if e.Name != "m" || e.check() != nil {
			t.Fatalf("decodeManifest accepted %+v", e)
		}
		if decoded, err := decodeManifest(manifestPath("m"), encoded); err != nil || decoded.Version != e.Version || len(decoded.Versions) != len(e.Versions) {
			t.Fatalf("%+v was decoded as %+v, error %v", e, decoded, err)
		}
	})
}

func FuzzExport(f *testing.F) {
	model := string(forged(Version{Number: 1, Kind: Source, Sum: osfile.Digest([]byte("code")), Size: 4}))
	f.Add(tarFile("1/endpoint.json", model, "1/code", "code"))
	f.Add(tarFile("1/endpoint.json", `{"format":1}`))
	f.Add([]byte("not a tar file"))
	f.Fuzz(func(t *testing.T, file []byte) {
		_ = ReadExport(bytes.NewReader(file), 100, func(d Deployment) error {
			if len(d.Code.Content) > 100 || d.Target == "" && len(d.Code.Content) == 0 && d.Code.Kind == "" {
				t.Errorf("ReadExport deployed %+v", d)
			}
			return nil
		})
	})
}
