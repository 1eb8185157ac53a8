package main

import (
	"fmt"
	"strings"

	"github.com/Masterminds/semver/v3"
)

// changesOf returns the section of a version in the text of CHANGELOG.md. For a development
// version, which has no section, it returns the one of unreleased changes.
func changesOf(text, version string) (string, error) {
	v, err := semver.StrictNewVersion(version)
	if err != nil {
		return "", err
	}
	if changes, ok := section(text, version); ok {
		return changes, nil
	}
	if strings.Contains("."+v.Prerelease(), ".dev.") {
		if changes, ok := section(text, "Unreleased"); ok {
			return strings.Replace(changes, "Unreleased", version, 1), nil
		}
	}
	return "", fmt.Errorf("CHANGELOG.md has no section \"## %s - DATE\"; move the entries under Unreleased into one", version)
}

// section returns the section whose heading is "## NAME", perhaps in brackets and with a date.
func section(text, name string) (string, bool) {
	for part := range strings.SplitSeq("\n"+text, "\n## ") {
		heading, _, _ := strings.Cut(part, "\n")
		title, _, _ := strings.Cut(heading, " - ")
		if strings.Trim(title, "[] ") == name {
			return "## " + strings.TrimSpace(part) + "\n", true
		}
	}
	return "", false
}
