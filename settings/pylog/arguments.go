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
func (r *reader) call(s *ini.Section, params []string) (*call, int, error) {
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
	b, err := bind(params, positional, named)
	return b, line, err
}

// call is a constructor's call: what was given for each parameter.
type call struct {
	given map[string]any
	errs  []error
	notes []string // what of it has no effect
}

func bind(params []string, positional, named any) (*call, error) {
	b := &call{given: map[string]any{}}
	values, ok := positional.(tuple)
	if !ok {
		return nil, fmt.Errorf("it is no tuple: a single value needs a comma behind it, as in ('tabpy.log',)")
	}
	if len(values) > len(params) {
		return nil, fmt.Errorf("%d values, but the class takes at most %d: %s", len(values), len(params), strings.Join(params, ", "))
	}
	for i, v := range values {
		b.given[params[i]] = v
	}
	more, ok := named.(dict)
	if !ok {
		return nil, errors.New("kwargs is no dict, such as {'filename': 'tabpy.log'}")
	}
	for name, v := range more {
		if _, twice := b.given[name]; twice || !slices.Contains(params, name) {
			return nil, fmt.Errorf("kwargs: %q is given in args too, or the class does not take it; it takes %s", name, strings.Join(params, ", "))
		}
		b.given[name] = v
	}
	return b, nil
}

func (b *call) fail(name, want string) {
	b.errs = append(b.errs, fmt.Errorf("%s must be %s", name, want))
}

func (b *call) text(name, otherwise string) string {
	switch v := b.given[name].(type) {
	case string:
		return v
	case nil:
	default:
		b.fail(name, "a text")
	}
	return otherwise
}

// number takes a float as well, as comparisons in Python do.
func (b *call) number(name string, otherwise int64) int64 {
	switch v := b.given[name].(type) {
	case int64:
		return v
	case bool:
		return map[bool]int64{true: 1}[v]
	case float64:
		if math.Abs(v) < 1<<53 {
			return int64(v)
		}
		b.fail(name, "a smaller number")
	case nil:
	default:
		b.fail(name, "a number")
	}
	return otherwise
}

func (b *call) truth(name string) bool { return b.given[name] == true || b.given[name] == int64(1) }
