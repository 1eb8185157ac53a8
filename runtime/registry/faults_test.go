package registry

import (
	"errors"
	"reflect"
	"syscall"
	"testing"

	"tabcell/runtime/osfile"
)

// changes are one of each kind, for a registry that has m in two versions, n, and the alias a of n.
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
}

func filled(t *testing.T, dir string) *Registry {
	r := open(t, dir, Options{Now: at(1)})
	must(t, r, source("m", "one"))
	second := source("m", "two")
	second.Replace = true
	must(t, r, second)
	must(t, r, source("n", "other"))
	must(t, r, Deployment{Name: "a", Target: "n"})
	return r
}

// TestAFailedChangeChangesNothing lets each step of each change fail, as a full or broken disk would, once alone and once with all steps after it.
func TestAFailedChangeChangesNothing(t *testing.T) {
	for name, change := range changes {
		for _, forGood := range []bool{false, true} {
			for failing := 1; ; failing++ {
				dir := t.TempDir()
				r := filled(t, dir)
				before, was := r.List(), files(t, dir)
				n, failed := 0, osfile.Step("")
				r.disk.files.Fault = func(step osfile.Step) error {
					if n++; n == failing || forGood && n > failing {
						failed = step
						return syscall.ENOSPC
					}
					return nil
				}
				err := change(r)
				if failed == "" { // the change has fewer steps
					if err != nil || failing < 2 {
						t.Errorf("%s without a failure after %d steps: %v", name, failing-1, err)
					}
					break
				}
				storage, ok := errors.AsType[*StorageError](err)
				if !ok || !errors.Is(err, syscall.ENOSPC) || storage.Step == "" {
					t.Errorf("%s, %s failed: the error is %v", name, failed, err)
				}
				if !reflect.DeepEqual(r.List(), before) {
					t.Errorf("%s, %s (%d) failed: there is %+v, was %+v", name, failed, failing, r.List(), before)
				}
				r = reopen(t, r, dir, Options{})
				if !storage.Unclear && (!reflect.DeepEqual(r.List(), before) || !reflect.DeepEqual(files(t, dir), was)) {
					t.Errorf("%s, %s (%d) failed: after a restart there is %+v in %v, was %+v in %v", name, failed, failing, r.List(), files(t, dir), before, was)
				}
				checkWhole(t, r)
			}
		}
	}
}

// checkWhole reads everything.
func checkWhole(t *testing.T, r *Registry) {
	t.Helper()
	for _, e := range r.List() {
		for _, v := range e.Versions {
			if _, err := r.Content(v); err != nil {
				t.Errorf("%s, version %d: %v", e.Name, v.Number, err)
			}
		}
	}
}
