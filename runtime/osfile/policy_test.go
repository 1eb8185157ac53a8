package osfile

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestPolicy(t *testing.T) {
	if !HasModes {
		t.Skip("permissions are not mode bits on this system")
	}
	user := CurrentUser()
	self, stranger := []int{user}, []int{user + 1}
	for name, c := range map[string]struct {
		policy  Policy
		mode    fs.FileMode
		problem string // of the file "file"; "" for none
	}{
		"private":          {Policy{Denied: 0o077, Owners: self}, 0o600, ""},
		"group may read":   {Policy{Denied: 0o077}, 0o640, "file (mode 0640) is accessible to other users; run chmod go-rwx file"},
		"group may write":  {Policy{Denied: 0o077}, 0o620, "file (mode 0620) is writable by other users; run chmod go-rwx file"},
		"only read denied": {Policy{Denied: 0o004}, 0o644, "file (mode 0644) is accessible to all users; run chmod o-r file"},
		"reading is fine":  {Policy{Denied: 0o022}, 0o755, ""},
		"others may write": {Policy{Denied: 0o022}, 0o602, "file (mode 0602) is writable by other users; run chmod go-w file"},
		"group is trusted": {Policy{Denied: 0o002}, 0o770, ""},
		"all may write":    {Policy{Denied: 0o002}, 0o777, "file (mode 0777) is writable by all users; run chmod o-w file"},
		"a folder":         {Policy{Folder: true}, 0o600, "file is not a folder"},
		"one of two users": {Policy{Owners: []int{user + 1, user}}, 0o600, ""},
		"any user":         {Policy{}, 0o777, ""},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "file")
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path, c.mode); err != nil {
				t.Fatal(err)
			}
			info, err := os.Lstat(path)
			if err != nil {
				t.Fatal(err)
			}
			expectProblem(t, c.policy.Check("file", info), c.problem)
		})
	}
	err := Policy{Owners: stranger}.CheckPath(t.TempDir())
	if err == nil {
		t.Error("a folder of this user was accepted as another user's")
	}
	if err := (Policy{}).CheckPath(filepath.Join(t.TempDir(), "missing")); err == nil {
		t.Error("a missing file was accepted")
	}
}

func expectProblem(t *testing.T, err error, want string) {
	t.Helper()
	got := ""
	if err != nil {
		got = err.Error()
	}
	if got != want {
		t.Errorf("error %q, want %q", got, want)
	}
}

func TestPolicyOwnerMessage(t *testing.T) {
	if !HasModes {
		t.Skip("files have no numbered owners on this system")
	}
	info, err := os.Lstat(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	user := OwnerOf(info)
	if user != CurrentUser() {
		t.Fatalf("the test's folder belongs to user %d", user)
	}
	p := Policy{Owners: []int{user + 1, -1, user + 2}}
	want := fmt.Sprintf("x belongs to user %d, but must belong to user %d or user %d", user, user+1, user+2)
	expectProblem(t, p.Check("x", info), want)
}

func TestPolicyRefusesLinks(t *testing.T) {
	dir := t.TempDir()
	link := filepath.Join(dir, "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Skip("this system has no symbolic links: ", err)
	}
	expectProblem(t, Policy{}.CheckPath(link), link+" is neither a file nor a folder")
	expectProblem(t, Policy{Folder: true}.CheckPath(link), link+" is not a folder")
	expectProblem(t, Policy{Folder: true}.CheckPath(dir), "")
}
