package packages

import (
	"cmp"
	"fmt"
	"regexp"
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
			text += "_" + apkPrerelease(v)
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

var (
	apkStage       = regexp.MustCompile(`^(alpha|beta|pre|rc)\.?([0-9]*)`)
	apkDevelopment = regexp.MustCompile(`(?:^|\.)dev\.([0-9]+)`)
)

// apkPrerelease returns a prerelease in Alpine's grammar, which refuses other words than alpha,
// beta, pre and rc, each with a number, and p for what comes after them. The time of a development
// version is its number: dev.2026 is alpha2026, and rc.1.dev.2026 is rc1_p2026. Other words are
// alpha.
func apkPrerelease(v *semver.Version) string {
	var parts []string
	if stage := apkStage.FindStringSubmatch(v.Prerelease()); stage != nil {
		parts = append(parts, stage[1]+stage[2])
	}
	if time := apkDevelopment.FindStringSubmatch(v.Prerelease()); time != nil && parts == nil {
		parts = append(parts, "alpha"+time[1])
	} else if time != nil {
		parts = append(parts, "p"+time[1])
	}
	return cmp.Or(strings.Join(parts, "_"), "alpha")
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
