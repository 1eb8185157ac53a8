package pylog

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"tabcell/settings/ini"
)

// arguments parses the options args and kwargs of a handler and binds them to the parameters of its
// class. It also returns the line of args or, without that option, of kwargs or the section.
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

// arguments is the call of a constructor.
type arguments struct {
	given map[string]any // by parameter
	errs  []error
	notes []string // about arguments that have no effect
}

// bind assigns the positional and the named arguments to the parameters, as Python does.
func bind(params []string, positional, named any) (*arguments, error) {
	a := &arguments{given: map[string]any{}}
	values, ok := positional.(tuple)
	if !ok {
		return nil, errors.New("it must be a tuple; a single value needs a comma after it, as in ('tabpy.log',)")
	}
	if len(values) > len(params) {
		return nil, fmt.Errorf("%d values, but the class takes at most %d: %s", len(values), len(params), strings.Join(params, ", "))
	}
	for i, v := range values {
		a.given[params[i]] = v
	}
	keywords, ok := named.(dict)
	if !ok {
		return nil, errors.New("kwargs must be a dict, such as {'filename': 'tabpy.log'}")
	}
	for name, v := range keywords {
		if _, twice := a.given[name]; twice || !slices.Contains(params, name) {
			return nil, fmt.Errorf("kwargs: %q is also in args or is not a parameter of the class; the parameters are %s", name, strings.Join(params, ", "))
		}
		a.given[name] = v
	}
	return a, nil
}

func (a *arguments) fail(name, want string) {
	a.errs = append(a.errs, fmt.Errorf("%s must be %s", name, want))
}

// text returns a string, or fallback if the argument is missing or None.
func (a *arguments) text(name, fallback string) string {
	switch v := a.given[name].(type) {
	case string:
		return v
	case nil:
	default:
		a.fail(name, "a string")
	}
	return fallback
}

// number also accepts a float or a bool, which compare with integers in Python.
func (a *arguments) number(name string, fallback int64) int64 {
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
	return fallback
}

// truth reports whether the argument is True or 1.
func (a *arguments) truth(name string) bool {
	return a.given[name] == true || a.given[name] == int64(1)
}
