package packages

import (
	"fmt"
	"strings"

	"github.com/Masterminds/semver/v3"
)

// release is the number of the package among those of one version.
const release = "1"

// parseVersion parses a semantic version such as v1.2.3-rc.1+abc.
func parseVersion(text string) (*semver.Version, error) {
	v, err := semver.StrictNewVersion(strings.TrimPrefix(text, "v"))
	if err != nil {
		return nil, fmt.Errorf("%q is not a semantic version such as 1.2.3 or 1.2.3-rc.1: %w", text, err)
	}
	return v, nil
}

// packageVersion returns a version as the package managers of a format write it. To them, too, a
// prerelease is older than its release. The format apk has no metadata.
func packageVersion(v *semver.Version, format string) string {
	text := fmt.Sprintf("%d.%d.%d", v.Major(), v.Minor(), v.Patch())
	if format == "apk" {
		if v.Prerelease() != "" {
			text += "_" + v.Prerelease()
		}
		return text + "-r" + release
	}
	prerelease := v.Prerelease()
	if format == "rpm" { // where a hyphen is in front of the release only
		prerelease = strings.ReplaceAll(prerelease, "-", "_")
	}
	if prerelease != "" {
		text += "~" + prerelease
	}
	if v.Metadata() != "" {
		text += "+" + v.Metadata()
	}
	return text + "-" + release
}

// exactly returns the dependency on the package tabcell of exactly this version.
func exactly(v *semver.Version, format string) string {
	switch own := packageVersion(v, format); format {
	case "deb":
		return "tabcell (= " + own + ")"
	case "rpm":
		return "tabcell = " + own
	default:
		return "tabcell=" + own
	}
}
