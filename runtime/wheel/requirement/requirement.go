package requirement

import (
	"fmt"
	"regexp"
	"strings"
)

// Requirement is a dependency as METADATA has it: `requests[socks]>=2.8; python_version < "3.9"`.
type Requirement struct {
	Name       string   // normalised
	Extras     []string // normalised
	Specifiers Specifiers
	Text       string // without the marker

	marker marker // nil if there is none
}

// maxText is the maximum length of a requirement in bytes. It also bounds the depth of a marker.
const maxText = 8 << 10

// requirementPattern matches a name, extras, and conditions in parentheses, a URL, or conditions.
var requirementPattern = regexp.MustCompile(`^([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)` +
	`\s*(?:\[\s*((?:[A-Za-z0-9._-]+(?:\s*,\s*[A-Za-z0-9._-]+)*)?)\s*\])?\s*(?:\(([^)]*)\)|@\s*(\S+)|([^()@;]*))$`)

// Parse parses a requirement.
func Parse(text string) (r Requirement, err error) {
	if len(text) > maxText {
		return r, fmt.Errorf("the requirement has %d bytes, the limit is %d", len(text), maxText)
	}
	text, condition, marked := cutMarker(strings.TrimSpace(text))
	m := requirementPattern.FindStringSubmatch(text)
	if m == nil {
		return r, fmt.Errorf("%q is not a requirement according to PEP 508", text)
	}
	r = Requirement{Name: Normalize(m[1]), Text: text}
	for _, extra := range strings.Split(m[2], ",") {
		if extra = strings.TrimSpace(extra); extra != "" {
			r.Extras = append(r.Extras, Normalize(extra))
		}
	}
	if r.Specifiers, err = ParseSpecifiers(m[3] + m[5]); err == nil && marked {
		r.marker, err = parseMarker(condition)
	}
	return r, err
}

// cutMarker splits a requirement before its marker. A URL ends at white space, and may contain
// semicolons.
func cutMarker(text string) (requirement, marker string, marked bool) {
	start := 0
	if before, url, isURL := strings.Cut(text, "@"); isURL && !strings.Contains(before, ";") {
		url = strings.TrimLeft(url, " \t")
		end := strings.IndexAny(url, " \t")
		if end < 0 {
			return text, "", false
		}
		start = len(text) - len(url) + end
	}
	i := strings.IndexByte(text[start:], ';')
	if i < 0 {
		return text, "", false
	}
	return strings.TrimSpace(text[:start+i]), text[start+i+1:], true
}

// Applies reports whether the requirement holds in an environment: the values of the variables of
// markers, and the extra for which the distribution is wanted, or "".
func (r Requirement) Applies(env Environment, extra string) bool {
	return r.marker == nil || r.marker(env, Normalize(extra))
}

var separators = regexp.MustCompile(`[-_.]+`)

// Normalize returns the name of a distribution or extra in the form in which equal names are equal
// texts.
func Normalize(name string) string {
	return strings.ToLower(separators.ReplaceAllString(name, "-"))
}
