// Package requirement reads the versions and requirements of Python distributions: PEP 440
// (versions and version specifiers), PEP 508 (requirements with environment markers) and PEP 503
// (names).
//
// The rules are those of Python's package "packaging". The tests compare the results with recorded
// ones of that package.
package requirement

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Version is a version according to PEP 440. Numbers are kept as digits without leading zeros,
// because they may have any length.
type Version struct {
	text    string // as it was parsed
	epoch   string
	release []string
	pre     segment // a, b or rc
	post    segment
	dev     segment
	local   []string // nil if there is none
}

// segment is an optional part of a version, such as rc1. The letter is "" if the part is missing.
type segment struct{ letter, number string }

var versionPattern = regexp.MustCompile(`^v?(?:([0-9]+)!)?([0-9]+(?:\.[0-9]+)*)` +
	`(?:[-_.]?(alpha|a|beta|b|preview|pre|c|rc)[-_.]?([0-9]*))?` +
	`(?:-([0-9]+)|[-_.]?(post|rev|r)[-_.]?([0-9]*))?` +
	`(?:[-_.]?(dev)[-_.]?([0-9]*))?` +
	`(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?$`)

// letters has the normalised letter of each spelling.
var letters = map[string]string{
	"a": "a", "alpha": "a", "b": "b", "beta": "b", "c": "rc", "rc": "rc", "pre": "rc", "preview": "rc",
	"post": "post", "rev": "post", "r": "post", "dev": "dev",
}

// ParseVersion parses a version in any spelling that PEP 440 allows.
func ParseVersion(text string) (Version, error) {
	m := versionPattern.FindStringSubmatch(strings.ToLower(strings.TrimSpace(text)))
	if m == nil {
		return Version{}, fmt.Errorf("%q is not a version according to PEP 440", text)
	}
	v := Version{text: strings.TrimSpace(text), epoch: digits(m[1]), pre: newSegment(m[3], m[4]), post: newSegment(m[6], m[7]), dev: newSegment(m[8], m[9])}
	if m[5] != "" { // 1.0-1 is a spelling of 1.0.post1
		v.post = newSegment("post", m[5])
	}
	for _, number := range strings.Split(m[2], ".") {
		v.release = append(v.release, digits(number))
	}
	for _, part := range strings.FieldsFunc(m[10], func(r rune) bool { return strings.ContainsRune("-_.", r) }) {
		if isNumber(part) {
			part = digits(part)
		}
		v.local = append(v.local, part)
	}
	return v, nil
}

func newSegment(letter, number string) segment {
	if letter == "" {
		return segment{}
	}
	return segment{letters[letter], digits(number)}
}

// digits returns a number without leading zeros; "" stands for 0.
func digits(number string) string { return cmp.Or(strings.TrimLeft(number, "0"), "0") }

func isNumber(s string) bool { return strings.Trim(s, "0123456789") == "" }

// String returns the version in its normal form.
func (v Version) String() string {
	var b strings.Builder
	if v.epoch != "0" {
		b.WriteString(v.epoch + "!")
	}
	b.WriteString(strings.Join(v.release, "."))
	b.WriteString(v.pre.letter + v.pre.number)
	for _, s := range []segment{v.post, v.dev} {
		if s.letter != "" {
			b.WriteString("." + s.letter + s.number)
		}
	}
	if v.local != nil {
		b.WriteString("+" + strings.Join(v.local, "."))
	}
	return b.String()
}

// Compare returns -1 if v is older than w, 1 if it is newer, and 0 if both are equal.
func (v Version) Compare(w Version) int {
	return cmp.Or(v.comparePublic(w), compareLocal(v.local, w.local))
}

// comparePublic compares the versions without their local parts.
func (v Version) comparePublic(w Version) int {
	return cmp.Or(
		v.compareBase(w),
		cmp.Compare(v.rank(), w.rank()), compareNumbers(v.pre.number, w.pre.number),
		cmp.Compare(len(v.post.letter), len(w.post.letter)), compareNumbers(v.post.number, w.post.number),
		cmp.Compare(len(w.dev.letter), len(v.dev.letter)), compareNumbers(v.dev.number, w.dev.number),
	)
}

// compareBase compares the epochs and releases. Missing parts of a release are zeros.
func (v Version) compareBase(w Version) int {
	n := max(len(v.release), len(w.release))
	return cmp.Or(compareNumbers(v.epoch, w.epoch), slices.CompareFunc(v.padded(n), w.padded(n), compareNumbers))
}

// padded returns the first n parts of the release.
func (v Version) padded(n int) []string {
	if len(v.release) >= n {
		return v.release[:n]
	}
	return slices.Concat(v.release, slices.Repeat([]string{"0"}, n-len(v.release)))
}

// rank orders the versions of one release: a development release, the pre-releases, and the rest.
func (v Version) rank() int {
	switch {
	case v.pre.letter != "":
		return int(v.pre.letter[0])
	case v.post.letter == "" && v.dev.letter != "":
		return 0
	}
	return 256
}

func (v Version) isPrerelease() bool { return v.pre.letter != "" || v.dev.letter != "" }

// compareNumbers compares numbers without leading zeros. "" is less than any.
func compareNumbers(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}

// compareLocal compares local parts: none, then letters, then numbers.
func compareLocal(a, b []string) int {
	if a == nil || b == nil {
		return cmp.Compare(len(a), len(b))
	}
	return slices.CompareFunc(a, b, func(x, y string) int {
		switch {
		case isNumber(x) && isNumber(y):
			return compareNumbers(x, y)
		case isNumber(x):
			return 1
		case isNumber(y):
			return -1
		}
		return strings.Compare(x, y)
	})
}
