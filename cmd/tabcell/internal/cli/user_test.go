package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Errors that do not depend on the password are reported before the prompt.
func TestUserChecksNameBeforePrompt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pwd.txt")
	if err := os.WriteFile(path, []byte("ann x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range []string{"add ann", "update bob", "add a:b"} {
		code, _, stderr := runProgram("", append([]string{"tabcell", "user", "-f", path}, strings.Fields(args)...)...)
		if code != exitFailed || strings.Contains(stderr, "the password is empty") {
			t.Errorf("%s: exit code %d, stderr %s", args, code, stderr)
		}
	}
}
