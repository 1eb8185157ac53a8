//go:build unix

package authn

import (
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A pipe in the file's place does not hold up the watch.
func TestReloadDoesNotOpenPipe(t *testing.T) {
	p, _ := openTestFile(t, saltedLine(t, "ann", "old"))
	w := watcher{passwords: p, loaded: p.openedStat}
	must(os.Remove(p.path))
	must(syscall.Mkfifo(p.path, 0o600))
	result := make(chan string, 1)
	go func() {
		w.checkResult()
		result <- w.checkResult()
	}()
	select {
	case got := <-result:
		if !strings.Contains(got, "stays in force: it is not a regular file") {
			t.Error(got)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("it waits for somebody to write into the pipe")
	}
}
