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
func TestReloadOpensNoPipe(t *testing.T) {
	p, _ := opened(t, salted(t, "ann", "old"))
	w := watcher{passwords: p, loaded: p.opened}
	must(os.Remove(p.path))
	must(syscall.Mkfifo(p.path, 0o600))
	said := make(chan string, 1)
	go func() {
		w.looked()
		said <- w.looked()
	}()
	select {
	case got := <-said:
		if !strings.Contains(got, "stays in force: it is not a regular file") {
			t.Error(got)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("it waits for somebody to write into the pipe")
	}
}
