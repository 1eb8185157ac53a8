package registry

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tabcell/runtime/osfile"
)

func replicatedModel(name, code string, number int) Endpoint {
	return Endpoint{Name: name, Type: TypeModel, Version: number, Versions: []Version{
		{Number: number, Kind: Source, Sum: osfile.Digest([]byte(code)), Size: int64(len(code))},
	}}
}

// A replicated registry has exactly what the cluster gives it, and a single server does not open
// its folder for writing until it is released.
func TestReplicated(t *testing.T) {
	dir := t.TempDir()
	r := open(t, dir, Options{Replicated: true})
	if _, err := r.Deploy(Deployment{Name: "m", Code: Code{Kind: Source, Content: []byte("x")}}); !errors.Is(err, ErrReplicated) {
		t.Errorf("a local change: %v", err)
	}
	a, b := replicatedModel("a", "code a", 1), replicatedModel("b", "code b", 3)
	if err := errors.Join(r.Put(a), r.Put(b), r.Delete("none")); err != nil {
		t.Fatal(err)
	}
	if r.HasCode(a.Current()) {
		t.Error("the code of a exists")
	}
	for name, content := range map[string]string{"other": "code b", "short": "code", "long": "code a and more"} {
		if err := r.StoreCode(a.Current().Sum, a.Current().Size, strings.NewReader(content)); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := r.StoreCode("../x", 1, strings.NewReader("x")); !errors.Is(err, ErrInvalid) {
		t.Errorf("a path as sum: %v", err)
	}
	if err := r.StoreCode(a.Current().Sum, a.Current().Size, strings.NewReader("code a")); err != nil {
		t.Fatal(err)
	}
	if content, err := r.Content(a.Current()); err != nil || string(content) != "code a" || !r.HasCode(a.Current()) {
		t.Errorf("%q, %v", content, err)
	}
	changes := map[string]int{}
	c := replicatedModel("c", "code c", 1)
	b.Description = "new"
	err := r.Reconcile(map[string]Endpoint{"a": a, "b": b, "c": c}, func(old, e Endpoint) { changes[old.Name+">"+e.Name]++ })
	if err != nil || len(changes) != 2 || changes["b>b"] != 1 || changes[">c"] != 1 {
		t.Errorf("changes %v, %v", changes, err)
	}
	if err := r.Put(Endpoint{Name: "../x"}); !errors.Is(err, ErrInvalid) {
		t.Errorf("a malformed endpoint: %v", err)
	}
	if left, _ := r.disk.names(tempDir); len(left) > 0 {
		t.Errorf("temporary files: %v", left)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if other, err := Open(dir, Options{}); !errors.Is(err, ErrReplicated) {
		t.Errorf("a single server opens it: %v, %v", other, err)
	}
	if !IsReplicated(dir) {
		t.Error("the folder has no mark")
	}
	if err := errors.Join(ReleaseReplicated(dir), ReleaseReplicated(dir)); err != nil {
		t.Fatal(err)
	}
	if list := open(t, dir, Options{}).List(); len(list) != 3 {
		t.Errorf("%d endpoints after the release", len(list))
	}
}

// Code that nothing needs stays as long as the cluster says, also during a restart.
func TestSweepReplicated(t *testing.T) {
	dir := t.TempDir()
	r := open(t, dir, Options{Replicated: true})
	a := replicatedModel("a", "code a", 1)
	sum := osfile.Digest([]byte("early"))
	err := errors.Join(r.Put(a), r.StoreCode(a.Current().Sum, 6, strings.NewReader("code a")), r.StoreCode(sum, 5, strings.NewReader("early")), r.Close())
	if err != nil {
		t.Fatal(err)
	}
	r = open(t, dir, Options{Replicated: true})
	if !r.HasCode(Version{Sum: sum, Size: 5}) {
		t.Error("code was removed before its endpoint came")
	}
	if err := r.Sweep(func(s string) bool { return s == sum }); err != nil || !r.HasCode(Version{Sum: sum, Size: 5}) {
		t.Errorf("code that is kept is gone, %v", err)
	}
	if err := r.Sweep(func(string) bool { return false }); err != nil || r.HasCode(Version{Sum: sum, Size: 5}) || !r.HasCode(a.Current()) {
		t.Errorf("after the sweep: %v", err)
	}
	folder, err := r.SetAside()
	if err != nil || len(r.List()) != 0 {
		t.Fatalf("%v", err)
	}
	old := open(t, filepath.Join(dir, folder), Options{})
	if content, err := old.Content(a.Current()); err != nil || string(content) != "code a" {
		t.Errorf("%q, %v", content, err)
	}
}

// Damaged manifests are replaced by the endpoints of the cluster.
func TestReconcileReplacesDamage(t *testing.T) {
	dir := t.TempDir()
	r := open(t, dir, Options{Replicated: true})
	a, b := replicatedModel("a", "code a", 1), replicatedModel("b", "code b", 1)
	if err := errors.Join(r.Put(a), r.Put(b), r.Close()); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a", "b"} {
		if err := os.WriteFile(filepath.Join(dir, manifestPath(name)), []byte("{"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r = open(t, dir, Options{Replicated: true})
	if len(r.DamagedManifests()) != 2 {
		t.Fatalf("%v", r.DamagedManifests())
	}
	if err := r.Reconcile(map[string]Endpoint{"a": a}, func(_, _ Endpoint) {}); err != nil {
		t.Fatal(err)
	}
	files, err := r.disk.names(endpointsDir)
	if err != nil || len(files) != 1 || len(r.DamagedManifests()) != 0 || len(r.List()) != 1 {
		t.Errorf("files %v, %v", files, err)
	}
}

// After an error, the registry has what is on the disk, and the caller knows the changes.
func TestReconcileFailsMidway(t *testing.T) {
	dir := t.TempDir()
	r := open(t, dir, Options{Replicated: true})
	if err := r.Put(replicatedModel("old", "code", 1)); err != nil {
		t.Fatal(err)
	}
	all, replaced := map[string]Endpoint{}, 0
	for _, name := range []string{"a", "b", "c", "d"} {
		all[name] = replicatedModel(name, "code", 1)
	}
	full := errors.New("the disk is full")
	r.disk.files.Fault = func(s osfile.Step) error {
		if s == osfile.StepRename {
			if replaced++; replaced > 2 {
				return full
			}
		}
		return nil
	}
	changes := map[string]bool{}
	err := r.Reconcile(all, func(old, e Endpoint) { changes[old.Name+">"+e.Name] = true })
	list := r.List()
	if !errors.Is(err, full) || len(changes) != 3 || !changes["old>"] || len(list) != 2 {
		t.Errorf("changes %v, endpoints %v, %v", changes, list, err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	again := open(t, dir, Options{Replicated: true}).List()
	for i, e := range again {
		if len(again) != len(list) || !e.Equal(list[i]) || !changes[">"+e.Name] {
			t.Errorf("%v on the disk, %v in memory", again, list)
		}
	}
	if len(again) == 0 {
		t.Error("nothing is on the disk")
	}
}

// BenchmarkReconcile lets a node get 10,000 endpoints, as when it joins.
func BenchmarkReconcile(b *testing.B) {
	all := map[string]Endpoint{}
	for i := range 10_000 {
		name := fmt.Sprintf("e%05d", i)
		all[name] = replicatedModel(name, name, 1)
	}
	for b.Loop() {
		b.StopTimer()
		r := open(b, b.TempDir(), Options{Replicated: true, MaxCount: len(all)})
		b.StartTimer()
		if err := r.Reconcile(all, func(_, _ Endpoint) {}); err != nil {
			b.Fatal(err)
		}
	}
}
