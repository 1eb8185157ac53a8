// Package source describes the commit that is built: its version, its hash and its time.
package source

import (
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/Masterminds/semver/v3"
)

// Source describes the files of a work tree.
type Source struct {
	Version  string    // a semantic version, without v in front
	Revision string    // hash of the commit; "" without git
	Modified bool      // files differ from the commit
	Time     time.Time // of SOURCE_DATE_EPOCH, or else of the commit; in UTC
}

// Read describes the work tree in the folder dir. If version is empty, the version follows from
// git's tags, as versionOf describes. Without git, a version must be given, and Time is zero unless
// SOURCE_DATE_EPOCH is set.
func Read(dir, version string) (Source, error) {
	s, err := readGit(dir)
	if version == "" && err != nil {
		return Source{}, err
	}
	if version != "" {
		if _, err := semver.StrictNewVersion(version); err != nil {
			return Source{}, fmt.Errorf("%q is not a semantic version, such as 1.2.3 or 1.2.3-rc.1: %w", version, err)
		}
		s.Version = version
	}
	if epoch := os.Getenv("SOURCE_DATE_EPOCH"); epoch != "" {
		seconds, err := strconv.ParseInt(epoch, 10, 64)
		if err != nil {
			return Source{}, fmt.Errorf("SOURCE_DATE_EPOCH is %q; it must be a number of seconds since 1970", epoch)
		}
		s.Time = time.Unix(seconds, 0).UTC()
	}
	return s, nil
}
