package authn

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
)

// TestPreparePasswords checks that a file that was read takes effect only when it is applied, that
// an old password is then refused, and that an invalid file changes nothing.
func TestPreparePasswords(t *testing.T) {
	p, _ := openTestFile(t, saltedLine(t, "ann", "old"))
	if err := p.verifyFrom("ann", "old", clientA); err != nil {
		t.Fatal(err)
	}
	writeFile(t, p.path, saltedLine(t, "ann", "new"))
	apply, err := p.Prepare()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.verifyFrom("ann", "old", clientA); err != nil {
		t.Errorf("before it is applied: %v", err)
	}
	apply()
	if err := p.verifyFrom("ann", "old", clientA); err == nil {
		t.Error("the old password is still accepted")
	}
	if err := p.verifyFrom("ann", "new", clientA); err != nil {
		t.Error(err)
	}
	w := watcher{passwords: p}
	for range 3 {
		if changed, err := w.check(); changed || err != nil {
			t.Errorf("Watch reads the file again: %v", err)
		}
	}
	writeFile(t, p.path, "ann\n")
	if _, err := p.Prepare(); err == nil || !strings.Contains(err.Error(), p.path+" cannot be used: line 1: Incorrect entry") {
		t.Errorf("an invalid file: %v", err)
	}
	if err := p.verifyFrom("ann", "new", clientA); err != nil {
		t.Error(err)
	}
}

func TestPrepareKeyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	replaceWhole(t, path, keySetJSON("p256"))
	log := zerolog.Nop()
	file, err := openKeyFile(path, &log)
	if err != nil {
		t.Fatal(err)
	}
	tokens := &Tokens{keys: file}
	has := func(kid string) bool { _, err := file.find(t.Context(), kid); return err == nil }
	file.now = func() time.Time { return file.checked } // only Prepare reads the file
	replaceWhole(t, path, keySetJSON("p384"))
	apply, err := tokens.Prepare()
	if err != nil || !has("p256") || has("p384") {
		t.Fatalf("before it is applied: error %v, p384 %v", err, has("p384"))
	}
	apply()
	if has("p256") || !has("p384") {
		t.Error("the new keys are not in effect")
	}
	replaceWhole(t, path, []byte("{}"))
	if _, err := tokens.Prepare(); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("an invalid file: %v", err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, err := tokens.Prepare(); err == nil || !has("p384") {
		t.Errorf("a missing file: %v", err)
	}
}

// TestPrepareRemoteKeys checks that a reload fetches the keys at once, also shortly after a fetch
// that failed, and that the earlier keys stay in use meanwhile.
func TestPrepareRemoteKeys(t *testing.T) {
	withRemoteKeys(t, func(t *testing.T, server *keyServer, keys *remoteKeys) {
		reload := func() {
			t.Helper()
			apply, err := keys.prepare()
			if err != nil {
				t.Fatal(err)
			}
			apply()
		}
		reload()
		synctest.Wait()
		if n := server.fetches.Load(); n != 0 {
			t.Errorf("%d fetches before the first token", n)
		}
		server.respondWith(fakeKeys("a"), nil, 0)
		runSteps(t, server, keys, []step{{kid: "a", fetches: 1}})
		server.respondWith(nil, errors.New("down"), 0)
		reload()
		synctest.Wait()
		runSteps(t, server, keys, []step{{kid: "a", fetches: 2}, {kid: "b", wantErr: failedRecently, fetches: 2}})
		server.respondWith(fakeKeys("b"), nil, time.Second)
		reload()
		runSteps(t, server, keys, []step{{kid: "a", fetches: 3}, {after: time.Second, kid: "b", fetches: 3}, {kid: "a", wantErr: noMatch, fetches: 4}})
	})
}

func TestPrepareRoles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "roles.txt")
	writeFile(t, path, "account ann query\n")
	f, err := OpenRoles(path, 0)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, path, "account ann deploy\n")
	apply, err := f.Prepare()
	if err != nil || f.Table().OfAccount("ann") != RoleQuery {
		t.Fatalf("before it is applied: %v", err)
	}
	if apply(); f.Table().OfAccount("ann") != RoleDeploy {
		t.Error("the new roles are not in effect")
	}
}
