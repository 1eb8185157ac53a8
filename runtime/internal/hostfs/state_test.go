package hostfs

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"tabcell/runtime/internal/grant"
)

// TestState checks that each kind of change is found, and only changes of used paths.
func TestState(t *testing.T) {
	use := func(w *world) *State {
		fs := New(t.Context(), Options{Grants: w.grants, Used: func() {}, Record: true})
		defer fs.End()
		_, _ = read(fs, "/srv/models/a.txt")
		_, _ = fs.Stat("/srv/models/missing")
		_, _ = names(t, fs, "/srv/models/sub")
		return fs.State()
	}
	old := time.Now().Add(-time.Hour)
	for name, change := range map[string]func(w *world){
		"content": func(w *world) { w.write("granted/a.txt", "HELLO") },
		"size":    func(w *world) { w.write("granted/a.txt", "hello, world") },
		"time":    func(w *world) { os.Chtimes(filepath.Join(w.granted, "a.txt"), old, old.Add(time.Second)) },
		"removed": func(w *world) { os.Remove(filepath.Join(w.granted, "a.txt")) },
		"created": func(w *world) { w.write("granted/missing", "") },
		"entry":   func(w *world) { w.write("granted/sub/new", "") },
		"same time": func(w *world) { // two changes within the resolution of the clock
			info, _ := os.Stat(filepath.Join(w.granted, "a.txt"))
			w.write("granted/a.txt", "HELLO")
			os.Chtimes(filepath.Join(w.granted, "a.txt"), info.ModTime(), info.ModTime())
		},
		"no longer granted": func(w *world) { w.grants.List[0].Folders = nil },
	} {
		w := newWorld(t, "/srv/models")
		if name == "time" {
			os.Chtimes(filepath.Join(w.granted, "a.txt"), old, old)
		}
		state := use(w)
		if state.Empty() || state.Changed(t.Context(), w.grants) {
			t.Errorf("%s: changed before the change", name)
		}
		w.write("granted/other.txt", "not used")
		w.write("granted/sub/Model.pkl", "listed, but not read")
		if state.Changed(t.Context(), w.grants) {
			t.Errorf("%s: a file that was not used counts", name)
		}
		if change(w); !state.Changed(t.Context(), w.grants) {
			t.Errorf("%s: not found", name)
		}
	}
	var none *State
	if none.Changed(t.Context(), nil) || !none.Empty() {
		t.Error("no state has changed")
	}
	if !(&State{overflow: true, records: make([]record, 1)}).Changed(t.Context(), &grant.Grants{}) {
		t.Error("a state with too many files counts as unchanged")
	}
}

// TestSettle checks that a file is digested only while its next change may have the same time.
func TestSettle(t *testing.T) {
	w := newWorld(t, "/srv/models")
	fs := New(t.Context(), Options{Grants: w.grants, Used: func() {}, Record: true})
	_, _ = read(fs, "/srv/models/a.txt")
	state := fs.State()
	fs.End()
	if state.records[0].digest == "" {
		t.Error("a file that has just changed has no digest")
	}
	state.settle(time.Now())
	if state.records[0].digest == "" {
		t.Error("the digest was forgotten too early")
	}
	state.settle(time.Now().Add(2 * coarse))
	if state.records[0].digest != "" {
		t.Error("the digest is still there")
	}
}
