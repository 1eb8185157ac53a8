package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCheckServerUser checks that root does not make a node's folder inside of one of another user.
func TestCheckServerUser(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can give folders to other users")
	}
	own, other := t.TempDir(), t.TempDir()
	if err := os.Chown(other, 4711, 4711); err != nil {
		t.Fatal(err)
	}
	for dir, want := range map[string]string{own: "", filepath.Join(own, "a/b"): "", other: "belongs to user 4711", filepath.Join(other, "a/b"): "runuser"} {
		if err := checkServerUser(dir); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", dir, err, want)
		}
	}
}
