package registry

import (
	"errors"
	"os"
	"reflect"
	"sync"
	"syscall"
	"testing"

	"tabcell/runtime/osfile"
)

// changes has one change of each kind for the registry that filled returns.
var changes = map[string]func(*Registry) error{
	"deploy": func(r *Registry) error { _, err := r.Deploy(source("new", "new code")); return err },
	"replace": func(r *Registry) error {
		d := source("m", "newer")
		d.Replace = true
		_, err := r.Deploy(d)
		return err
	},
	"alias": func(r *Registry) error { _, err := r.Deploy(Deployment{Name: "b", Target: "m"}); return err },
	"describe": func(r *Registry) error {
		_, err := r.UpdateMetadata("m", func(a *Metadata) { a.Public = true })
		return err
	},
	"rollback": func(r *Registry) error { _, err := r.Rollback("m", 0, ""); return err },
	"remove":   func(r *Registry) error { return r.Remove("m") },
	"restore": func(r *Registry) error {
		outcomes, err := restored(r, restorable(), true)
		if problem, ok := outcomes["m"].(error); ok {
			return problem
		}
		return err
	},
}

// restorable returns an archive with an endpoint m of two versions.
var restorable = sync.OnceValue(func() []byte {
	dir, err := os.MkdirTemp("", "registry")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	r, err := Open(dir, Options{Now: at(5)})
	if err != nil {
		panic(err)
	}
	defer r.Close()
	for _, code := range []string{"archived", "archived again"} {
		d := source("m", code)
		d.Replace = true
		if _, err := r.Deploy(d); err != nil {
			panic(err)
		}
	}
	file, err := archiveOf(r, "m")
	if err != nil {
		panic(err)
	}
	return file
})

// filled returns a registry with two versions of m, the model n, and the alias a of n.
func filled(t *testing.T, dir string) *Registry {
	r := open(t, dir, Options{Now: at(1)})
	mustDeploy(t, r, source("m", "one"))
	second := source("m", "two")
	second.Replace = true
	mustDeploy(t, r, second)
	mustDeploy(t, r, source("n", "other"))
	mustDeploy(t, r, Deployment{Name: "a", Target: "n"})
	return r
}

// TestFailedChanges fails each step of each change, as a full or broken disk would: first that step
// alone, then also all steps after it. The registry must stay as it was.
func TestFailedChanges(t *testing.T) {
	for name, change := range changes {
		for _, permanent := range []bool{false, true} {
			for failing := 1; ; failing++ {
				dir := t.TempDir()
				r := filled(t, dir)
				endpointsBefore, filesBefore := r.List(), files(t, dir)
				n, failed := 0, osfile.Step("")
				r.disk.files.Fault = func(step osfile.Step) error {
					if n++; n == failing || permanent && n > failing {
						failed = step
						return syscall.ENOSPC
					}
					return nil
				}
				err := change(r)
				if failed == "" { // the change has fewer steps
					if err != nil || failing < 2 {
						t.Errorf("%s with %d steps and without a failure: %v", name, failing-1, err)
					}
					break
				}
				storage, ok := errors.AsType[*StorageError](err)
				if !ok || !errors.Is(err, syscall.ENOSPC) || storage.Step == "" {
					t.Errorf("%s: failed step %q: error %v, want a StorageError", name, failed, err)
				}
				if !reflect.DeepEqual(r.List(), endpointsBefore) {
					t.Errorf("%s: failed step %d (%q): endpoints %+v, want %+v", name, failing, failed, r.List(), endpointsBefore)
				}
				r = reopen(t, r, dir, Options{})
				if !storage.Unclear && (!reflect.DeepEqual(r.List(), endpointsBefore) || !reflect.DeepEqual(files(t, dir), filesBefore)) {
					t.Errorf("%s: failed step %d (%q): after a restart %+v in %v, want %+v in %v",
						name, failing, failed, r.List(), files(t, dir), endpointsBefore, filesBefore)
				}
				checkContents(t, r)
			}
		}
	}
}

// checkContents reads the code of all versions.
func checkContents(t *testing.T, r *Registry) {
	t.Helper()
	for _, e := range r.List() {
		for _, v := range e.Versions {
			if _, err := r.Content(v); err != nil {
				t.Errorf("%s: version %d: %v", e.Name, v.Number, err)
			}
		}
	}
}
