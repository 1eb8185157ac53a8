package osfile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCheckUser checks that root does not make files in a folder of another user.
func TestCheckUser(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can give folders to other users")
	}
	own, other := t.TempDir(), t.TempDir()
	if err := os.Chown(other, 4711, 4711); err != nil {
		t.Fatal(err)
	}
	for dir, want := range map[string]string{own: "", filepath.Join(own, "a/b"): "", other: "belongs to user 4711", filepath.Join(other, "a/b"): "runuser"} {
		if err := CheckUser(dir); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", dir, err, want)
		}
	}
}
