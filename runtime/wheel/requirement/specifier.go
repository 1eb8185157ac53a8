package requirement

import (
	"fmt"
	"regexp"
	"strings"
)

// Specifiers are conditions on a version, such as ">=1.2, !=1.5.*, <2". Without any, all versions
// are right.
type Specifiers []specifier

type specifier struct {
	operator string
	text     string  // the right side
	version  Version // of text; not for ===
	prefix   bool    // text ends in .*
}

var (
	specifierPattern = regexp.MustCompile(`^(===|~=|==|!=|<=|>=|<|>)\s*(\S+)$`)
	releasePattern   = regexp.MustCompile(`(?i)^v?(?:[0-9]+!)?[0-9]+(?:\.[0-9]+)*$`)
)

// ParseSpecifiers parses conditions that are separated by commas.
func ParseSpecifiers(text string) (Specifiers, error) {
	var all Specifiers
	for _, part := range strings.Split(text, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		s, ok := parseSpecifier(part)
		if !ok {
			return nil, fmt.Errorf("%q is not a version specifier according to PEP 440", part)
		}
		all = append(all, s)
	}
	return all, nil
}

func parseSpecifier(text string) (s specifier, ok bool) {
	m := specifierPattern.FindStringSubmatch(text)
	if m == nil {
		return s, false
	}
	s = specifier{operator: m[1], text: m[2]}
	if s.operator == "===" {
		return s, true
	}
	release, prefix := strings.CutSuffix(s.text, ".*")
	if s.prefix = prefix; prefix && !releasePattern.MatchString(release) {
		return s, false
	}
	var err error
	s.version, err = ParseVersion(release)
	return s, err == nil && s.isAllowed()
}

// isAllowed reports whether the operator can have such a version.
func (s specifier) isAllowed() bool {
	switch s.operator {
	case "==", "!=":
		return true
	case "~=":
		return !s.prefix && s.version.local == nil && len(s.version.release) > 1
	}
	return !s.prefix && s.version.local == nil
}

// Contains reports whether a version meets all conditions. Pre-releases can meet them too.
func (all Specifiers) Contains(v Version) bool {
	for _, s := range all {
		if !s.contains(v) {
			return false
		}
	}
	return true
}

func (s specifier) contains(v Version) bool {
	order := v.comparePublic(s.version)
	switch s.operator {
	case "===":
		return strings.EqualFold(v.text, s.text)
	case "==":
		return s.equals(v)
	case "!=":
		return !s.equals(v)
	case "<=":
		return order <= 0
	case ">=":
		return order >= 0
	case "~=":
		return order >= 0 && v.startsWith(s.version, len(s.version.release)-1)
	case "<":
		return s.containsLess(v)
	}
	// >: the post-releases of 1.0 are not > 1.0
	isFinal := s.version.post.letter == "" && s.version.dev.letter == ""
	return order > 0 && !(isFinal && v.compareBase(s.version) == 0 && v.pre == s.version.pre)
}

// containsLess evaluates <. The pre-releases of 1.0 are not < 1.0.
func (s specifier) containsLess(v Version) bool {
	limit := s.version
	if !limit.isPrerelease() {
		limit.dev = newSegment("dev", "")
	}
	return v.Compare(limit) < 0
}

// equals reports whether the version is that of the condition. A local part counts only if the
// condition has one.
func (s specifier) equals(v Version) bool {
	switch {
	case s.prefix:
		return v.startsWith(s.version, len(s.version.release))
	case s.version.local == nil:
		return v.comparePublic(s.version) == 0
	}
	return v.Compare(s.version) == 0
}

// startsWith reports whether v has the epoch and the first n parts of the release of w.
func (v Version) startsWith(w Version, n int) bool {
	a, b := Version{epoch: v.epoch, release: v.padded(n)}, Version{epoch: w.epoch, release: w.release[:n]}
	return a.compareBase(b) == 0
}
