package ini

import (
	"errors"
	"fmt"
	"strings"
)

// maxDepth is configparser's MAX_INTERPOLATION_DEPTH. The other two bound what ten levels of doubling can make of a line, in
// bytes and, as the text may be empty, in steps.
const (
	maxDepth      = 10
	maxValue      = 64 << 10
	maxReferences = 1000
)

// Interpolate returns an option's value with each %(NAME)s replaced and each %% made one %; o must be an option of s. The
// error is of type *Error.
//
// GAP: an environment variable's text is put in as it is. TabPy interpolates it again, so that a % in any variable which the
// file mentions ends its start.
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
	count   int // of references followed
}

func (in *interpolation) expand(value string, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("%%(...)s nested more than %d deep", maxDepth)
	}
	for value != "" {
		before, rest, found := strings.Cut(value, "%")
		in.out.WriteString(before)
		if in.out.Len() > maxValue {
			return fmt.Errorf("longer than %d bytes after %%(...)s was put in", maxValue)
		}
		if !found {
			return nil
		}
		after, err := in.sign(rest, depth)
		if err != nil {
			return err
		}
		value = after
	}
	return nil
}

// sign writes what a % and the text behind it stand for, and returns what follows.
func (in *interpolation) sign(rest string, depth int) (string, error) {
	if after, ok := strings.CutPrefix(rest, "%"); ok {
		in.out.WriteByte('%')
		return after, nil
	}
	name, after, closed := strings.Cut(rest, ")s")
	inner, opened := strings.CutPrefix(name, "(")
	if !opened || !closed || inner == "" || strings.Contains(inner, ")") {
		return "", errors.New("a % must be followed by % or (NAME)s; write %% for a percent sign")
	}
	return after, in.reference(in.file.dialect.fold(inner), depth)
}

func (in *interpolation) reference(name string, depth int) error {
	if in.count++; in.count > maxReferences {
		return fmt.Errorf("more than %d times %%(...)s", maxReferences)
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
