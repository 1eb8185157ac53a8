//go:build unix

package authn

import (
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestReloadDoesNotOpenPipe checks that a pipe in place of the file does not block Watch.
func TestReloadDoesNotOpenPipe(t *testing.T) {
	p, _ := openTestFile(t, saltedLine(t, "ann", "old"))
	w := watcher{passwords: p}
	must(os.Remove(p.path))
	must(syscall.Mkfifo(p.path, 0o600))
	result := make(chan string, 1)
	go func() {
		w.checkResult()
		result <- w.checkResult()
	}()
	select {
	case got := <-result:
		if !strings.Contains(got, "stays in effect: it is not a regular file") {
			t.Errorf("the check returned %q", got)
		}
	case <-time.After(time.Minute):
		t.Fatal("the check blocks until a process writes to the pipe")
	}
}
