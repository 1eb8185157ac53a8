package grants

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/runtime"
)

const secret = "a secret of the host"

// makeTraps fills a granted folder with ways out of it. It returns the path of a secret beside the
// folder.
func makeTraps(t *testing.T, dir string) (outside string) {
	t.Helper()
	outside = filepath.Join(filepath.Dir(dir), "secret")
	testenv.WriteFile(t, outside, secret)
	testenv.WriteFile(t, filepath.Join(dir, "a.txt"), "inside")
	for link, target := range map[string]string{
		"absolute": outside, "relative": "../secret", "parent": "..", "root": "/", "good": "a.txt", "loop": "loop", "missing": "none", "device": "/dev/zero",
	} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "fifo"), 0o600); err != nil {
		t.Fatal(err)
	}
	return outside
}

// TestTraps reads links, a FIFO and a device in a granted folder.
func TestTraps(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "models")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	outside := makeTraps(t, dir)
	grants := grantsOf(runtime.Grant{Folders: []runtime.GrantFolder{{Host: dir, Guest: "/models"}}})
	expect(t, grants, "return [open('/models/a.txt').read(), open('/models/good').read()]", `["inside", "inside"]`)
	for _, path := range []string{
		"absolute", "relative", "parent/secret", "root/etc/passwd", "loop", "missing", "device", "fifo", "../secret", "a.txt/../../secret", "good/..", "x/../../secret", ".\\x00",
	} {
		got := run(t, mustEngine(t), grants, "return open('/models/"+path+"', 'rb').read(100)")
		if !strings.Contains(got, "Error") || strings.Contains(got, secret) || strings.Contains(got, "root:") {
			t.Errorf("open %s: %.300s", path, got)
		}
	}
	expect(t, grants, "return open('"+outside+"').read()", "!Error")
	expect(t, grants, "import os\nreturn [os.listdir('/models'), [os.path.exists('/models/' + n) for n in ('parent', 'root', 'absolute', 'device')]]",
		`[["a.txt", "good"], [false, false, false, false]]`)
}

// TestSwappedLinks swaps a file of a granted folder for a link while scripts read it.
func TestSwappedLinks(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "models")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	outside := makeTraps(t, dir)
	stop := swap(t, dir, outside)
	defer stop()
	grants := grantsOf(runtime.Grant{Folders: []runtime.GrantFolder{{Host: dir, Guest: "/models"}}})
	got := run(t, mustEngine(t), grants, `import os
seen = set()
for _ in range(3000):
    for path in ('/models/swapped', '/models/folder/secret'):
        try:
            seen.add(open(path).read())
        except OSError as e:
            seen.add(type(e).__name__)
    os.path.getsize('/models/a.txt'), os.listdir('/models')
return sorted(seen)`)
	if strings.Contains(got, secret) || !strings.Contains(got, "inside") {
		t.Errorf("scripts saw %s", got)
	}
	t.Log(got)
}

// swap replaces the file "swapped" and the folder "folder" by links that lead out, and back, until
// stop is called.
func swap(t *testing.T, dir, outside string) (stop func()) {
	t.Helper()
	work := filepath.Join(filepath.Dir(dir), "work")
	if err := os.MkdirAll(filepath.Join(work, "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-ended:
				return
			default:
			}
			next := filepath.Join(work, "next")
			if i%2 == 0 {
				_ = os.WriteFile(next, []byte("inside"), 0o600)
			} else {
				_ = os.Symlink(outside, next)
			}
			_ = os.Rename(next, filepath.Join(dir, "swapped"))
			_ = os.Symlink(filepath.Dir(outside), filepath.Join(dir, "folder"))
			_ = os.Remove(filepath.Join(dir, "folder"))
			_ = os.Mkdir(filepath.Join(dir, "folder"), 0o700)
			_ = os.Remove(filepath.Join(dir, "folder"))
		}
	})
	return func() { close(ended); group.Wait() }
}
