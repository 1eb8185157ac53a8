//go:build (containers || cluster) && linux

package manual

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"tabcell/cmd/tabcell/internal/testenv"
)

// releaseVersion is the version of the files that the tests of installations build. The manual has
// 1.0.0 in its place.
const releaseVersion = "1.0.0-dev.1"

var manualVersion = regexp.MustCompile(`\b1\.0\.0\b`)

// builtRelease builds the images and the chart of a release for this processor, without compiled
// code. TABCELL_MANUAL_RELEASE names a folder that has them already.
var builtRelease = sync.OnceValues(func() (string, error) {
	if dir := os.Getenv("TABCELL_MANUAL_RELEASE"); dir != "" {
		return dir, nil
	}
	dir, err := os.MkdirTemp("", "tabcell-manual-")
	if err != nil {
		return "", err
	}
	dir = filepath.Join(dir, "release")
	build := exec.Command("go", "run", "./cmd/dist", "release", "-version", releaseVersion, "-platforms", "linux/amd64", "-formats", "image,chart", "-o", dir)
	build.Dir, build.Stdout, build.Stderr = testenv.File("."), os.Stderr, os.Stderr
	return dir, build.Run()
})

// newHostSession returns a session in a folder with the files of a release, links to which have the
// names that the manual uses.
func newHostSession(t *testing.T) *session {
	t.Helper()
	dir, err := builtRelease()
	if err != nil {
		t.Fatal(err)
	}
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

// hostCommands returns the commands of all sessions that name a test.
func hostCommands(t *testing.T, test string) (all []command) {
	t.Helper()
	for _, d := range documents(t) {
		for _, b := range d.blocks() {
			if !b.is("console", "host", test) {
				continue
			}
			commands, err := b.commands()
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, commands...)
		}
	}
	if len(all) == 0 {
		t.Fatalf("no session names %s", test)
	}
	return all
}

// replace returns a command in which texts are replaced, such as the version.
func (c command) replace(r *strings.Replacer) command {
	c.text = manualVersion.ReplaceAllString(r.Replace(c.text), releaseVersion)
	for i, line := range c.output {
		c.output[i] = manualVersion.ReplaceAllString(r.Replace(line), releaseVersion)
	}
	return c
}

// needs skips the test if a program is not installed.
func needs(t *testing.T, programs ...string) {
	t.Helper()
	for _, program := range programs {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("the test needs %s: %v", program, err)
		}
	}
}
