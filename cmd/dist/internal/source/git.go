package source

import (
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/Masterminds/semver/v3"
)

// firstVersion is the version that a repository without tags leads to.
const firstVersion = "0.1.0"

// readGit describes the commit that is checked out in dir.
func readGit(dir string) (s Source, err error) {
	head, err := git(dir, "show", "--no-patch", "--format=%H %ct", "HEAD")
	if err != nil {
		return s, err
	}
	hash, epoch, _ := strings.Cut(head, " ")
	seconds, err := strconv.ParseInt(epoch, 10, 64)
	if err != nil {
		return s, fmt.Errorf("git show: the time of the commit is %q", epoch)
	}
	changes, err := git(dir, "--no-optional-locks", "status", "--porcelain")
	if err != nil {
		return s, err
	}
	s = Source{Revision: hash, Modified: changes != "", Time: time.Unix(seconds, 0).UTC()}
	// The command fails if no tag matches.
	described, _ := git(dir, "describe", "--tags", "--long", "--match", "v[0-9]*.[0-9]*.[0-9]*", "HEAD")
	s.Version, err = versionOf(described, s)
	return s, err
}

// versionOf returns the version of a commit that git describes as TAG-COMMITS-gHASH, or as "" if it
// has no tag. A commit with a tag has the version in the tag. Other commits are pre-releases of the
// next version: 0.1.1-dev.20261129180000.gabcdef1234 follows v0.1.0. They have the time of the
// commit, so that later commits have greater versions also in a clone without history, and the
// hash. Files that differ from the commit add ".modified".
func versionOf(described string, s Source) (string, error) {
	development := fmt.Sprintf("dev.%s.g%.10s", s.Time.Format("20060102150405"), s.Revision)
	if s.Modified {
		development += ".modified"
	}
	if described == "" {
		return firstVersion + "-" + development, nil
	}
	tag, commits, err := splitDescription(described)
	if err != nil {
		return "", err
	}
	v, err := semver.StrictNewVersion(strings.TrimPrefix(tag, "v"))
	switch {
	case err != nil:
		return "", fmt.Errorf("the tag %s is not a version, such as v1.2.3: %w", tag, err)
	case commits == "0" && !s.Modified:
		return v.String(), nil
	case v.Prerelease() != "": // 1.0.0-rc.1.dev.TIME.gHASH is between rc.1 and rc.2
		return fmt.Sprintf("%s.%s", v, development), nil
	}
	return fmt.Sprintf("%s-%s", v.IncPatch(), development), nil
}

// splitDescription splits TAG-COMMITS-gHASH. The tag itself may have hyphens.
func splitDescription(described string) (tag, commits string, err error) {
	rest, _, ok := cutLast(described, "-g")
	if tag, commits, found := cutLast(rest, "-"); ok && found {
		return tag, commits, nil
	}
	return "", "", fmt.Errorf("git describe printed %q", described)
}

func cutLast(s, separator string) (before, after string, found bool) {
	i := strings.LastIndex(s, separator)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(separator):], true
}

// git runs git in dir and returns its output.
func git(dir string, args ...string) (string, error) {
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	out, err := cmd.Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		err = fmt.Errorf("git %s: %s", strings.Join(args, " "), strings.TrimSpace(string(failed.Stderr)))
	}
	return strings.TrimSpace(string(out)), err
}
