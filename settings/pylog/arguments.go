package pylog

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"tabcell/settings/ini"
)

// call binds args and kwargs to the parameters of a class. The line is that of args, or the section's.
func (r *reader) arguments(s *ini.Section, params []string) (*arguments, int, error) {
	args, line := r.text(s, "args")
	kwargs, kwLine := r.text(s, "kwargs")
	if args == "" && r.option(s, "args") == nil {
		args, line = "()", kwLine
	}
	if kwargs == "" && r.option(s, "kwargs") == nil {
		kwargs = "{}"
	}
	positional, err := parseLiteral(args)
	if err != nil {
		return nil, line, err
	}
	named, err := parseLiteral(kwargs)
	if err != nil {
		return nil, kwLine, fmt.Errorf("kwargs: %w", err)
	}
	bound, err := bind(params, positional, named)
	return bound, line, err
}

// call is a constructor's call: what was given for each parameter.
type arguments struct {
	given map[string]any
	errs  []error
	notes []string // what of it has no effect
}

func bind(params []string, positional, named any) (*arguments, error) {
	a := &arguments{given: map[string]any{}}
	values, ok := positional.(tuple)
	if !ok {
		return nil, fmt.Errorf("it is no tuple: a single value needs a comma behind it, as in ('tabpy.log',)")
	}
	if len(values) > len(params) {
		return nil, fmt.Errorf("%d values, but the class takes at most %d: %s", len(values), len(params), strings.Join(params, ", "))
	}
	for i, v := range values {
		a.given[params[i]] = v
	}
	more, ok := named.(dict)
	if !ok {
		return nil, errors.New("kwargs is no dict, such as {'filename': 'tabpy.log'}")
	}
	for name, v := range more {
		if _, twice := a.given[name]; twice || !slices.Contains(params, name) {
			return nil, fmt.Errorf("kwargs: %q is given in args too, or the class does not take it; it takes %s", name, strings.Join(params, ", "))
		}
		a.given[name] = v
	}
	return a, nil
}

func (a *arguments) fail(name, want string) {
	a.errs = append(a.errs, fmt.Errorf("%s must be %s", name, want))
}

func (a *arguments) text(name, otherwise string) string {
	switch v := a.given[name].(type) {
	case string:
		return v
	case nil:
	default:
		a.fail(name, "a text")
	}
	return otherwise
}

// number takes a float as well, as comparisons in Python do.
func (a *arguments) number(name string, otherwise int64) int64 {
	switch v := a.given[name].(type) {
	case int64:
		return v
	case bool:
		return map[bool]int64{true: 1}[v]
	case float64:
		if math.Abs(v) < 1<<53 {
			return int64(v)
		}
		a.fail(name, "a smaller number")
	case nil:
	default:
		a.fail(name, "a number")
	}
	return otherwise
}

func (a *arguments) truth(name string) bool {
	return a.given[name] == true || a.given[name] == int64(1)
}
