package settings

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tabcell/settings/internal/python"
)

// value is a field that can be set from text, without white space around it, and printed as text that sets it again.
type value interface {
	Set(text string) error
	String() string
}

// integer is read as Python's int() reads it, within bounds that include both ends.
type integer struct {
	at       *int
	min, max int
}

func (v integer) String() string { return strconv.Itoa(*v.at) }

func (v integer) Set(text string) error {
	if !python.IsInteger(text) {
		return fmt.Errorf("invalid literal for int() with base 10: %s", python.Quote(text))
	}
	n, err := strconv.Atoi(strings.ReplaceAll(text, "_", ""))
	if err != nil || n < v.min || n > v.max {
		return fmt.Errorf("must be from %d to %d", v.min, v.max)
	}
	*v.at = n
	return nil
}

// boolean takes the words of configparser's getboolean, in any case.
type boolean struct{ at *bool }

func (v boolean) String() string { return strconv.FormatBool(*v.at) }

func (v boolean) Set(text string) error {
	switch strings.ToLower(text) {
	case "1", "yes", "true", "on":
		*v.at = true
	case "0", "no", "false", "off":
		*v.at = false
	default:
		return fmt.Errorf("Not a boolean: %s", text) //nolint:staticcheck // TabPy's sentence
	}
	return nil
}

// unlessFalse is TabPy's own kind of switch: every text but "false" is true, "0" and "no" as well.
type unlessFalse struct{ at *bool }

func (v unlessFalse) String() string { return strconv.FormatBool(*v.at) }

func (v unlessFalse) Set(text string) error {
	*v.at = !strings.EqualFold(text, "false")
	return nil
}

// text takes anything, or one of its choices in any case.
type text struct {
	at          *string
	choices     []string
	errorPrefix string // begins the error for what is no choice; "": a plain one
	check       func(string) error
}

func (v text) String() string { return *v.at }

func (v text) Set(s string) error {
	if v.choices != nil {
		lower := strings.ToLower(s)
		if !slices.Contains(v.choices, lower) {
			return v.choiceError(s)
		}
		s = lower
	}
	if v.check != nil {
		if err := v.check(s); err != nil {
			return err
		}
	}
	*v.at = s
	return nil
}

func (v text) choiceError(s string) error {
	if v.errorPrefix != "" {
		return errors.New(v.errorPrefix + s)
	}
	return fmt.Errorf("must be one of %s", strings.Join(v.choices, ", "))
}

// path is a file or a folder, relative to the working directory. A leading ~ is the user's home.
//
// GAP: TabPy expands the ~ of TABPY_STATE_PATH only, and looks for a folder of that name otherwise.
type path struct{ at *string }

func (v path) String() string { return *v.at }

func (v path) Set(s string) error {
	*v.at = expandHome(s)
	return nil
}

// named is a path that must not be empty: it would switch off what somebody asked for.
type requiredPath path

func (v requiredPath) String() string { return *v.at }

func (v requiredPath) Set(s string) error {
	if s == "" {
		return errors.New("must name a file; leave the setting out to do without one")
	}
	return path(v).Set(s)
}

// Seconds is a time limit that remembers how it prints: TabPy's default is the integer 30, a configured value is always a
// Python float, and its 408 answer says "30 s." or "5.0 s.".
type Seconds struct {
	Value float64 // 0 to maxSeconds
	Whole bool    // prints without ".0"
}

const maxSeconds = 24 * 60 * 60

// Duration is at least one nanosecond, so that 0 s means at once and not unlimited.
func (s Seconds) Duration() time.Duration {
	return max(1, time.Duration(s.Value*float64(time.Second)))
}

// String is Python's str() of the number.
func (s Seconds) String() string {
	if s.Whole {
		return strconv.FormatFloat(s.Value, 'f', -1, 64)
	}
	return python.FormatFloat(s.Value)
}

// seconds is read as Python's float() reads it.
//
// GAP: TabPy also takes negative numbers, nan and inf, and then never or always ends scripts.
type seconds struct{ at *Seconds }

func (v seconds) String() string { return v.at.String() }

func (v seconds) Set(s string) error {
	bounds := fmt.Errorf("must be from 0 to %d seconds", maxSeconds)
	if slices.Contains([]string{"inf", "infinity", "nan"}, strings.ToLower(strings.TrimLeft(s, "+-"))) {
		return bounds
	}
	if !python.IsFloat(s) {
		return fmt.Errorf("could not convert string to float: %s", python.Quote(s))
	}
	n, err := strconv.ParseFloat(strings.ReplaceAll(s, "_", ""), 64)
	if err != nil || n < 0 || n > maxSeconds {
		return bounds
	}
	*v.at = Seconds{Value: n}
	return nil
}
