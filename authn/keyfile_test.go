package authn

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
)

// replaceWhole replaces a file atomically, as an administrator should.
func replaceWhole(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path+".new", data, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

func TestKeyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	replaceWhole(t, path, keySetJSON("p256"))
	var log bytes.Buffer
	logger := zerolog.New(&log)
	file, err := openKeyFile(path, &logger)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	file.now = func() time.Time { return now }
	wantKeys := func(kids string) {
		t.Helper()
		for _, kid := range []string{"p256", "p384", "ed"} {
			if _, err := file.find(t.Context(), kid); (err == nil) != strings.Contains(kids, kid) {
				t.Errorf("%s: %v", kid, err)
			}
		}
	}
	failures := func() int { return strings.Count(log.String(), "the keys read earlier stay in effect") }
	wantKeys("p256")
	replaceWhole(t, path, keySetJSON("p384", "ed"))
	wantKeys("p256") // checked too recently
	for range 3 {    // an unchanged file is not read again
		now = now.Add(checkInterval)
		wantKeys("p384 ed")
	}
	for range 3 { // a repeated error is logged once
		replaceWhole(t, path, []byte(`{"keys":[`))
		now = now.Add(checkInterval)
		wantKeys("p384 ed")
	}
	if failures() != 1 {
		t.Errorf("%d errors in the log: %s", failures(), log.String())
	}
	replaceWhole(t, path, keySetJSON("ed"))
	now = now.Add(checkInterval)
	wantKeys("ed")
	replaceWhole(t, path, []byte(`{"keys":[`)) // the same error, after the file was valid
	now = now.Add(checkInterval)
	wantKeys("ed")
	must(os.Remove(path))
	now = now.Add(checkInterval)
	wantKeys("ed")
	if failures() != 3 {
		t.Errorf("%d errors in the log: %s", failures(), log.String())
	}
	if reads := strings.Count(log.String(), "the key set was read"); reads != 3 {
		t.Errorf("three valid files were read %d times", reads)
	}
}

func TestOpenKeyFileErrors(t *testing.T) {
	folder, nop := t.TempDir(), zerolog.Nop()
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"none.json":  {nil, "no such file"},
		"text.json":  {[]byte("keys"), "did not return JSON"},
		"empty.json": {[]byte(`{"keys":[]}`), "did not contain any keys"},
		"large.json": {bytes.Repeat([]byte(" "), maxKeySetSize+1), "larger than"},
	} {
		path := filepath.Join(folder, name)
		if c.data != nil {
			replaceWhole(t, path, c.data)
		}
		_, err := openKeyFile(path, &nop)
		if err == nil || !strings.HasPrefix(err.Error(), "TABCELL_OAUTH_JWKS_FILE cannot be used: ") || !strings.Contains(err.Error(), c.want) ||
			!strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := openKeyFile(folder, &nop); err == nil || !strings.Contains(err.Error(), "is not a regular file") {
		t.Errorf("a directory: %v", err)
	}
}

// TestKeyFileReplacedConcurrently replaces the file while it is used. The key that all valid
// versions contain must be found at any time.
func TestKeyFileReplacedConcurrently(t *testing.T) {
	path, nop := filepath.Join(t.TempDir(), "keys.json"), zerolog.Nop()
	replaceWhole(t, path, keySetJSON("p256", "ed"))
	file, err := openKeyFile(path, &nop)
	if err != nil {
		t.Fatal(err)
	}
	var clock sync.Mutex
	now := time.Now()
	file.now = func() time.Time { // every check is due
		clock.Lock()
		defer clock.Unlock()
		now = now.Add(checkInterval)
		return now
	}
	var readers sync.WaitGroup
	for range 8 {
		readers.Go(func() {
			for range 200 {
				if _, err := file.find(t.Context(), "p256"); err != nil {
					t.Errorf("a key that is in every version: %v", err)
				}
			}
		})
	}
	for i := range 20 {
		replaceWhole(t, path, [][]byte{keySetJSON("p256"), keySetJSON("p256", "p384"), []byte("half")}[i%3])
	}
	readers.Wait()
}
