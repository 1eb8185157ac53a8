package authn

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// looked is what a look at the file said: "" for nothing, "new", or what was wrong.
func (w *watcher) looked() string {
	changed, err := w.look()
	switch {
	case !changed:
		return ""
	case err != nil:
		return err.Error()
	}
	return "new"
}

func TestReload(t *testing.T) {
	p, _ := opened(t, salted(t, "ann", "old"))
	w := watcher{passwords: p, loaded: p.opened}
	step := func(what string, want ...string) {
		t.Helper()
		for i, want := range append(want, "", "") {
			if got := w.looked(); !strings.Contains(got, want) || want == "" && got != "" {
				t.Errorf("%s, look %d: %q, want %q", what, i, got, want)
			}
		}
	}
	signsIn := func(password string) {
		t.Helper()
		if err := p.check("ann", password, here); err != nil {
			t.Errorf("%s: %v", password, err)
		}
	}
	step("nothing happened")
	writeFile(t, p.path, salted(t, "ann", "newer"))
	step("it was written", "", "new")
	signsIn("newer")

	writeFile(t, p.path, "ann  twice\n")
	step("a bad line", "", "line 1: Incorrect entry")
	signsIn("newer")
	if err := os.Remove(p.path); err != nil {
		t.Fatal(err)
	}
	step("it is gone", "", "the last good copy stays in force: ")
	signsIn("newer")
	writeFile(t, p.path, "# nobody\n")
	step("it is empty", "", "there is no account")
	signsIn("newer")

	if err := Edit(p.path, false, func(f *File) error { return f.Add("ann", strings.Fields(salted(t, "x", "last"))[1]) }); err != nil {
		t.Fatal(err)
	}
	step("it was replaced", "", "new")
	signsIn("last")
	if err := p.check("ann", "newer", here); err == nil {
		t.Error("the old password is good still")
	}
}

// A file that is being written is left alone until it has come to rest.
func TestReloadWaitsForRest(t *testing.T) {
	p, _ := opened(t, salted(t, "ann", "old"))
	w := watcher{passwords: p, loaded: p.opened}
	for size := range 5 {
		writeFile(t, p.path, strings.Repeat("#", size+1)+"\n")
		if got := w.looked(); got != "" {
			t.Errorf("with %d bytes: %s", size, got)
		}
	}
}

func TestWatch(t *testing.T) {
	p, _ := opened(t, salted(t, "ann", "old"))
	ctx, cancel := context.WithCancel(context.Background())
	told, ended := make(chan error), make(chan struct{})
	go func() {
		p.Watch(ctx, time.Millisecond, func(err error) { told <- err })
		close(ended)
	}()
	writeFile(t, p.path, "x\n")
	if err := <-told; err == nil || !strings.Contains(err.Error(), p.path) {
		t.Errorf("%v", err)
	}
	temp := filepath.Join(t.TempDir(), "new.txt")
	writeFile(t, temp, salted(t, "ann", "new"))
	if err := os.Rename(temp, p.path); err != nil {
		t.Fatal(err)
	}
	if err := <-told; err != nil {
		t.Error(err)
	}
	if err := p.check("ann", "new", here); err != nil {
		t.Error(err)
	}
	cancel()
	<-ended
}
