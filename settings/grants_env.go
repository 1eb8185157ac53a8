package settings

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"tabcell/settings/ini"
)

var (
	variableName  = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,127}$`)
	errNoVariable = errors.New("must be NAME=VALUE, one variable per line")
)

// readVariables reads one variable per line. Lines are split before interpolation, so that the
// value of an environment variable of the server cannot add another one.
func readVariables(s *grantSection, g *Grant) {
	option := s.section.Option("env")
	for line := range strings.SplitSeq(option.Value, "\n") {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		v, err := s.variable(option, line)
		if err == nil && slices.ContainsFunc(g.Env, func(other GrantVariable) bool { return other.Name == v.Name }) {
			err = fmt.Errorf("the variable %s has two values", v.Name)
		}
		if err == nil && len(g.Env) == maxListItems {
			err = errTooMany
		}
		if err != nil {
			s.rejectSecret("env", err.Error())
			continue
		}
		g.Env = append(g.Env, v)
	}
}

func (s *grantSection) variable(option *ini.Option, line string) (v GrantVariable, err error) {
	name, value, ok := strings.Cut(line, "=")
	if name = strings.TrimSpace(name); !ok || !variableName.MatchString(name) {
		return v, errNoVariable
	}
	one := *option
	one.Value = strings.TrimSpace(value)
	text, err := s.file.Interpolate(s.section, &one)
	switch {
	case err != nil:
		return v, errors.New(name + ": " + withoutOption(err))
	case text == "":
		return v, errors.New(name + " is empty")
	case strings.ContainsRune(text, 0):
		return v, errors.New(name + " contains a zero byte")
	}
	return GrantVariable{name, text}, nil
}

// withoutOption returns the text of an error of ini without the line and the name of the option.
func withoutOption(err error) string {
	bad, ok := errors.AsType[*ini.Error](err)
	if !ok {
		return err.Error()
	}
	_, rest, _ := strings.Cut(bad.Text, ": ")
	return rest
}
