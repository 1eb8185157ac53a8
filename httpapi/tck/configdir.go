package tck

import (
	"encoding/pem"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// newConfigDir creates a directory with the files that configurations refer to: passwords,
// certificates and the private key, which is recorded as DER and written as PEM.
func newConfigDir(t testing.TB) (dir string) {
	t.Helper()
	dir = t.TempDir()
	files, err := fs.Sub(recordings, "testdata/configs")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"pwd.txt", "test-tls.crt", "expired.crt", "future.crt"} {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(dir, name), text)
	}
	key, err := fs.ReadFile(files, "test-tls.key.der")
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "test-tls.key"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}))
	return dir
}

// writeFile writes a file that only its owner can read, and creates its parent directories.
func writeFile(t testing.TB, path string, text []byte) {
	t.Helper()
	err := os.MkdirAll(filepath.Dir(path), 0o700)
	if err == nil {
		err = os.WriteFile(path, text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}
