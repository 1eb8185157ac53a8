package ini

import (
	"errors"
	"fmt"
	"strings"
)

// maxDepth is configparser's MAX_INTERPOLATION_DEPTH. The other two limit the growth through ten
// levels of repeated references: maxValue in bytes, and maxReferences in steps, because the text of
// a reference may be empty.
const (
	maxDepth      = 10
	maxValue      = 64 << 10
	maxReferences = 1000
)

// Interpolate returns the value of o with each %(NAME)s and %% replaced. o must be an option of s
// or of DEFAULT. The error is of type *Error.
//
// GAP: the text of an environment variable is not interpolated itself. TabPy does that, so it does
// not start if a variable that the file refers to contains a %.
func (f *File) Interpolate(s *Section, o *Option) (string, error) {
	in := interpolation{file: f, section: s}
	if err := in.expand(o.Value, 1); err != nil {
		return "", &Error{o.Line, fmt.Sprintf("option %s: %s", o.Name, err)}
	}
	return in.out.String(), nil
}

type interpolation struct {
	file    *File
	section *Section
	out     strings.Builder
	count   int // of references so far
}

func (in *interpolation) expand(value string, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("%%(...)s is nested more than %d levels deep", maxDepth)
	}
	for value != "" {
		before, rest, found := strings.Cut(value, "%")
		in.out.WriteString(before)
		if in.out.Len() > maxValue {
			return fmt.Errorf("longer than %d bytes after interpolation", maxValue)
		}
		if !found {
			return nil
		}
		after, err := in.replace(rest, depth)
		if err != nil {
			return err
		}
		value = after
	}
	return nil
}

// replace writes the replacement of the % that precedes rest, and returns the text after it.
func (in *interpolation) replace(rest string, depth int) (string, error) {
	if after, ok := strings.CutPrefix(rest, "%"); ok {
		in.out.WriteByte('%')
		return after, nil
	}
	name, after, closed := strings.Cut(rest, ")s")
	inner, opened := strings.CutPrefix(name, "(")
	if !opened || !closed || inner == "" || strings.Contains(inner, ")") {
		return "", errors.New("a % must be followed by % or (NAME)s; write %% for a percent sign")
	}
	return after, in.reference(in.file.dialect.optionName(inner), depth)
}

func (in *interpolation) reference(name string, depth int) error {
	if in.count++; in.count > maxReferences {
		return fmt.Errorf("more than %d references %%(...)s", maxReferences)
	}
	for _, s := range []*Section{in.section, in.file.Section(Default)} {
		if o := s.Option(name); o != nil {
			return in.expand(o.Value, depth+1)
		}
	}
	if lookup := in.file.dialect.Lookup; lookup != nil {
		if text, ok := lookup(strings.ToLower(name)); ok {
			in.out.WriteString(text)
			return nil
		}
	}
	return fmt.Errorf("%%(%s)s is neither an option of [%s] nor an environment variable", name, in.section.Name)
}
