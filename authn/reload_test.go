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
func (w *watcher) checkResult() string {
	changed, err := w.check()
	switch {
	case !changed:
		return ""
	case err != nil:
		return err.Error()
	}
	return "new"
}

func TestReload(t *testing.T) {
	p, _ := openTestFile(t, saltedLine(t, "ann", "old"))
	w := watcher{passwords: p, loaded: p.openedStat}
	checkTwice := func(what string, want ...string) {
		t.Helper()
		for i, want := range append(want, "", "") {
			if got := w.checkResult(); !strings.Contains(got, want) || want == "" && got != "" {
				t.Errorf("%s, look %d: %q, want %q", what, i, got, want)
			}
		}
	}
	wantLogin := func(password string) {
		t.Helper()
		if err := p.verifyFrom("ann", password, clientA); err != nil {
			t.Errorf("%s: %v", password, err)
		}
	}
	checkTwice("nothing happened")
	writeFile(t, p.path, saltedLine(t, "ann", "newer"))
	checkTwice("it was written", "", "new")
	wantLogin("newer")

	writeFile(t, p.path, "ann  twice\n")
	checkTwice("a bad line", "", "line 1: Incorrect entry")
	wantLogin("newer")
	if err := os.Remove(p.path); err != nil {
		t.Fatal(err)
	}
	checkTwice("it is gone", "", "the last good copy stays in force: ")
	wantLogin("newer")
	writeFile(t, p.path, "# nobody\n")
	checkTwice("it is empty", "", "there is no account")
	wantLogin("newer")

	if err := Edit(p.path, false, func(f *File) error { return f.Add("ann", strings.Fields(saltedLine(t, "x", "last"))[1]) }); err != nil {
		t.Fatal(err)
	}
	checkTwice("it was replaced", "", "new")
	wantLogin("last")
	if err := p.verifyFrom("ann", "newer", clientA); err == nil {
		t.Error("the old password is good still")
	}
}

// A file that is being written is left alone until it has come to rest.
func TestReloadWaitsUntilFileIsStable(t *testing.T) {
	p, _ := openTestFile(t, saltedLine(t, "ann", "old"))
	w := watcher{passwords: p, loaded: p.openedStat}
	for size := range 5 {
		writeFile(t, p.path, strings.Repeat("#", size+1)+"\n")
		if got := w.checkResult(); got != "" {
			t.Errorf("with %d bytes: %s", size, got)
		}
	}
}

func TestWatch(t *testing.T) {
	p, _ := openTestFile(t, saltedLine(t, "ann", "old"))
	ctx, cancel := context.WithCancel(context.Background())
	reports, ended := make(chan error), make(chan struct{})
	go func() {
		p.Watch(ctx, time.Millisecond, func(err error) { reports <- err })
		close(ended)
	}()
	writeFile(t, p.path, "x\n")
	if err := <-reports; err == nil || !strings.Contains(err.Error(), p.path) {
		t.Errorf("%v", err)
	}
	temp := filepath.Join(t.TempDir(), "new.txt")
	writeFile(t, temp, saltedLine(t, "ann", "new"))
	if err := os.Rename(temp, p.path); err != nil {
		t.Fatal(err)
	}
	if err := <-reports; err != nil {
		t.Error(err)
	}
	if err := p.verifyFrom("ann", "new", clientA); err != nil {
		t.Error(err)
	}
	cancel()
	<-ended
}
