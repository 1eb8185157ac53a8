//go:build (containers || kubernetes) && linux

package manual

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/e2e/harness"
)

// releaseVersion is the version of the files that the tests of installations build. The manual has
// 1.0.0 in its place.
const releaseVersion = harness.ReleaseVersion

var manualVersion = regexp.MustCompile(`\b1\.0\.0\b`)

// newHostSession returns a session in a folder with the files of a release, links to which have the
// names that the manual uses.
func newHostSession(t *testing.T) *session {
	t.Helper()
	dir := harness.Release(t)
	s := newSession(t)
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if err := os.Symlink(filepath.Join(dir, file.Name()), filepath.Join(s.dir, file.Name())); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// replace returns a command in which texts are replaced, such as the version.
func (c command) replace(r *strings.Replacer) command {
	c.text = manualVersion.ReplaceAllString(r.Replace(c.text), releaseVersion)
	for i, line := range c.output {
		c.output[i] = manualVersion.ReplaceAllString(r.Replace(line), releaseVersion)
	}
	return c
}
