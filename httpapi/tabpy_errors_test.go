package httpapi

import (
	"os"
	"testing"

	"tabcell/runtime"
	"tabcell/runtime/registry"
)

func TestStorageErrors(t *testing.T) {
	got := changeError("m", &registry.StorageError{Step: "write the model's code", Err: os.ErrPermission})
	a, err := New(Config{}, Deps{})
	if err != nil {
		t.Fatal(err)
	}
	f := a.failureOf(got)
	if f.status != 507 || f.info != "the registry could not write the model's code, and nothing was changed: permission denied" {
		t.Errorf("StorageError became %+v", f)
	}
	if f := a.failureOf(changeError("m", registry.ErrReadOnly)); f.status != 409 {
		t.Errorf("ErrReadOnly became %+v, want status 409", f)
	}
	if f := a.failureOf(changeError("m", runtime.ErrBusy)); f.status != 503 {
		t.Errorf("ErrBusy became %+v, want status 503", f)
	}
}
