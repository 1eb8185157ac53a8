package source

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/Masterminds/semver/v3"
)

var (
	commitTime = time.Date(2026, 11, 29, 18, 3, 4, 0, time.UTC)
	hash       = "0123456789abcdef0123456789abcdef01234567"
)

func TestVersionOf(t *testing.T) {
	for _, c := range []struct {
		described string
		modified  bool
		want      string // the version, or part of the error
	}{
		{"v0.1.0-0-g0123456", false, "0.1.0"},
		{"v1.0.0-rc.1-0-g0123456", false, "1.0.0-rc.1"},
		{"", false, "0.1.0-dev.20261129180304.g0123456789"},
		{"", true, "0.1.0-dev.20261129180304.g0123456789.modified"},
		{"v0.1.0-3-g0123456", false, "0.1.1-dev.20261129180304.g0123456789"},
		{"v0.1.9-12-g0123456", true, "0.1.10-dev.20261129180304.g0123456789.modified"},
		{"v0.1.0-0-g0123456", true, "0.1.1-dev.20261129180304.g0123456789.modified"},
		{"v1.0.0-rc.1-2-g0123456", false, "1.0.0-rc.1.dev.20261129180304.g0123456789"},
		{"v1.2.3-go-g1-2-g0123456", false, "1.2.3-go-g1.dev.20261129180304.g0123456789"},
		{"v1.02.0-0-g0123456", false, "the tag v1.02.0 is not a version"},
		{"v1.0.0", false, `git describe printed "v1.0.0"`},
	} {
		got, err := versionOf(c.described, Source{Revision: hash, Modified: c.modified, Time: commitTime})
		if err != nil {
			got = err.Error()
		}
		if got != c.want && (err == nil || !strings.Contains(got, c.want)) {
			t.Errorf("versionOf(%q), modified %t: %s, want %s", c.described, c.modified, got, c.want)
		}
	}
}

// TestVersionsIncrease checks that the version of each commit, with and without a tag, is greater
// than that of the one before.
func TestVersionsIncrease(t *testing.T) {
	var last *semver.Version
	for i, described := range []string{
		"", "", "v0.1.0-rc.1-0-g0", "v0.1.0-rc.1-1-g0", "v0.1.0-rc.1-2-g0", "v0.1.0-rc.2-0-g0", "v0.1.0-0-g0", "v0.1.0-1-g0", "v0.1.0-2-g0",
		"v0.1.1-0-g0", "v0.1.1-1-g0", "v0.2.0-0-g0", "v0.2.0-1-g0", "v1.0.0-0-g0",
	} {
		// Hashes are in no order.
		s := Source{Revision: string("9f0e1d2c3b4a58"[i]) + hash, Time: commitTime.Add(time.Duration(i) * 7 * time.Hour)}
		text, err := versionOf(described, s)
		if err != nil {
			t.Fatal(err)
		}
		v, err := semver.StrictNewVersion(text)
		if err != nil {
			t.Fatal(err)
		}
		if last != nil && !v.GreaterThan(last) {
			t.Errorf("%s is not greater than %s", v, last)
		}
		last = v
	}
}

// repository creates a git repository with a commit and returns its folder and a function that runs
// git there.
func repository(t *testing.T) (dir string, run func(args ...string)) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	dir = t.TempDir()
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	t.Setenv("GIT_CONFIG_SYSTEM", os.DevNull)
	t.Setenv("GIT_COMMITTER_DATE", commitTime.Format(time.RFC3339))
	run = func(args ...string) {
		t.Helper()
		identity := []string{"-c", "user.name=n", "-c", "user.email=n@example.org"}
		if _, err := git(dir, append(identity, args...)...); err != nil {
			t.Fatal(err)
		}
	}
	run("init", "-q")
	run("commit", "-q", "--allow-empty", "-m", "first")
	return dir, run
}

func TestRead(t *testing.T) {
	dir, run := repository(t)
	t.Setenv("SOURCE_DATE_EPOCH", "")
	read := func(version, want string, modified bool) {
		t.Helper()
		s, err := Read(dir, version)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(s.Version, want) || s.Modified != modified || !s.Time.Equal(commitTime) || len(s.Revision) != 40 {
			t.Errorf("the source is %+v, want the version %s, modified %t", s, want, modified)
		}
	}
	read("", "0.1.0-dev.20261129180304.g", false)
	run("tag", "v0.3.0")
	run("tag", "other-9.9.9")
	read("", "0.3.0", false)
	read("2.0.0", "2.0.0", false)
	run("commit", "-q", "--allow-empty", "-m", "second")
	read("", "0.3.1-dev.20261129180304.g", false)
	if err := os.WriteFile(filepath.Join(dir, "new"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	read("", "0.3.1-dev.20261129180304.g", true)
	t.Setenv("SOURCE_DATE_EPOCH", "86400")
	if s, err := Read(dir, ""); err != nil || !s.Time.Equal(time.Unix(86400, 0)) || !strings.Contains(s.Version, ".20261129180304.") {
		t.Errorf("with SOURCE_DATE_EPOCH: %+v, error %v", s, err)
	}
}

func TestReadErrors(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("GIT_CEILING_DIRECTORIES", filepath.Dir(dir)) // a repository around the folder does not count
	for _, c := range []struct{ version, epoch, want string }{
		{"", "", "git"},
		{"v1.0.0", "", `"v1.0.0" is not a semantic version`},
		{"1.0", "", `"1.0" is not a semantic version`},
		{"1.0.0", "today", `SOURCE_DATE_EPOCH is "today"`},
	} {
		t.Setenv("SOURCE_DATE_EPOCH", c.epoch)
		if _, err := Read(dir, c.version); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("version %q, epoch %q: error %v, want %q", c.version, c.epoch, err, c.want)
		}
	}
	t.Setenv("SOURCE_DATE_EPOCH", "0")
	if s, err := Read(dir, "1.2.3-rc.1"); err != nil || s.Version != "1.2.3-rc.1" || s.Revision != "" || !s.Time.Equal(time.Unix(0, 0)) {
		t.Errorf("without git: %+v, error %v", s, err)
	}
}
