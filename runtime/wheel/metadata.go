package wheel

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"tabcell/runtime/wheel/requirement"
)

// maxLicence is the maximum length in bytes of the name of a licence.
const maxLicence = 100

// metadata has the requirements of a distribution.
type metadata struct {
	requires []requirement.Requirement
	invalid  []error // requirements that cannot be parsed
}

// readMetadata reads the name, the version and the requirements. It returns an error if the wheel
// is not pure Python or not for this version of Python.
func (w *Wheel) readMetadata(files map[string][]byte, python string) (err error) {
	fields := headers(files[w.infoDir+"/METADATA"])
	w.Name, w.Version = first(fields["Name"]), first(fields["Version"])
	if w.Name == "" || w.Version == "" || strings.ContainsAny(w.infoDir, " \n") {
		return errors.New("METADATA has no name or no version, or the name of its folder contains white space")
	}
	if w.version, err = requirement.ParseVersion(w.Version); err != nil {
		return err
	}
	w.Licence = cmp.Or(first(fields["License-Expression"]), first(fields["License"]))
	if len(w.Licence) > maxLicence { // the text of the licence
		w.Licence = ""
	}
	w.meta = parseRequires(fields)
	if err := checkTags(headers(files[w.infoDir+"/WHEEL"])["Tag"], python); err != nil {
		return err
	}
	return checkPython(first(fields["Requires-Python"]), python)
}

func parseRequires(fields map[string][]string) (m metadata) {
	for _, text := range fields["Requires-Dist"] {
		r, err := requirement.Parse(text)
		if err != nil {
			m.invalid = append(m.invalid, err)
			continue
		}
		m.requires = append(m.requires, r)
	}
	return m
}

// checkPython returns an error if the version of Python is not one that the wheel accepts.
func checkPython(accepted, python string) error {
	s, err := requirement.ParseSpecifiers(accepted)
	if err != nil {
		return fmt.Errorf("Requires-Python: %w", err)
	}
	version, err := requirement.ParseVersion(python)
	if err == nil && !s.Contains(version) {
		err = fmt.Errorf("it is for Python %s, and cells have Python %s; use another version of it", accepted, python)
	}
	return err
}

// checkTags returns an error unless one of the tags fits: pure Python for this version or an
// earlier one of Python 3.
func checkTags(tags []string, python string) error {
	pure := false
	for _, tag := range tags {
		interpreters, abi, platform := splitTag(tag)
		if abi != "none" || platform != "any" {
			continue
		}
		pure = true
		for interpreter := range strings.SplitSeq(interpreters, ".") {
			if fits(interpreter, python) {
				return nil
			}
		}
	}
	all := strings.Join(tags, ", ")
	switch {
	case len(tags) == 0:
		return errors.New("not a wheel: its file WHEEL is missing or has no tag")
	case pure:
		return fmt.Errorf("it is for another version of Python (%s), and cells have Python %s", all, python)
	}
	return fmt.Errorf("it is compiled (%s); %w", all, errNative)
}

// splitTag splits a tag, such as py2.py3-none-any.
func splitTag(tag string) (interpreters, abi, platform string) {
	interpreters, rest, _ := strings.Cut(tag, "-")
	abi, platform, _ = strings.Cut(rest, "-")
	return interpreters, abi, platform
}

var interpreterPattern = regexp.MustCompile(`^(py|cp)3([0-9]*)$`)

// fits reports whether an interpreter's tag is py3, py3N or cp3N for a version that this Python
// can run: CPython's only its own.
func fits(interpreter, python string) bool {
	m := interpreterPattern.FindStringSubmatch(interpreter)
	if m == nil {
		return false
	}
	own := minor(python)
	n, err := strconv.Atoi(m[2])
	return m[2] == "" || err == nil && (n == own || m[1] == "py" && n < own)
}

// minor returns 13 for 3.13.15.
func minor(python string) int {
	_, rest, _ := strings.Cut(python, ".")
	text, _, _ := strings.Cut(rest, ".")
	n, _ := strconv.Atoi(text)
	return n
}

// headers returns the values of the "Name: value" lines up to the first empty line. Lines that
// begin with white space continue a value.
func headers(b []byte) map[string][]string {
	values := map[string][]string{}
	last := ""
	for line := range strings.SplitSeq(string(b), "\n") {
		line = strings.TrimSuffix(line, "\r")
		if line == "" {
			break
		}
		if n := len(values[last]); n > 0 && strings.TrimLeft(line, " \t") != line {
			values[last][n-1] += " " + strings.TrimSpace(line)
			continue
		}
		if name, value, ok := strings.Cut(line, ":"); ok {
			last = name
			values[name] = append(values[name], strings.TrimSpace(value))
		}
	}
	return values
}

// first returns the first value, or "" if there is none.
func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}
