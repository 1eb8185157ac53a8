package authn

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// checkResult checks the file and returns "" if there is nothing to report, "new", or the error.
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
	w := watcher{passwords: p}
	checkFile := func(event string, want ...string) {
		t.Helper()
		for i, want := range append(want, "", "") {
			if got := w.checkResult(); !strings.Contains(got, want) || want == "" && got != "" {
				t.Errorf("%s, check %d: %q, want %q", event, i, got, want)
			}
		}
	}
	wantLogin := func(password string) {
		t.Helper()
		if err := p.verifyFrom("ann", password, clientA); err != nil {
			t.Errorf("%s: %v", password, err)
		}
	}
	checkFile("no change")
	writeFile(t, p.path, saltedLine(t, "ann", "newer"))
	checkFile("written", "", "new")
	wantLogin("newer")

	writeFile(t, p.path, "ann  twice\n")
	checkFile("invalid line", "", "line 1: Incorrect entry")
	wantLogin("newer")
	if err := os.Remove(p.path); err != nil {
		t.Fatal(err)
	}
	checkFile("removed", "", "the last good copy stays in effect: ")
	wantLogin("newer")
	writeFile(t, p.path, "# empty\n")
	checkFile("empty", "", "the file has no accounts")
	wantLogin("newer")

	if err := Edit(p.path, false, func(f *File) error { return f.Add("ann", strings.Fields(saltedLine(t, "x", "last"))[1]) }); err != nil {
		t.Fatal(err)
	}
	checkFile("replaced", "", "new")
	wantLogin("last")
	if err := p.verifyFrom("ann", "newer", clientA); err == nil {
		t.Error("the old password is still accepted")
	}
}

// TestReloadWaitsUntilFileIsStable checks that a file is not read while it is still being written.
func TestReloadWaitsUntilFileIsStable(t *testing.T) {
	p, _ := openTestFile(t, saltedLine(t, "ann", "old"))
	w := watcher{passwords: p}
	for size := range 5 {
		writeFile(t, p.path, strings.Repeat("#", size+1)+"\n")
		if got := w.checkResult(); got != "" {
			t.Errorf("with %d bytes: %q, want no report", size+2, got)
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
