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

// value is a field of Settings. Set parses a text without white space around it; String returns a
// text that sets the field to the same value.
type value interface {
	Set(text string) error
	String() string
}

// integer is parsed like Python's int(). min and max are both allowed.
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

// boolean is parsed like configparser's getboolean, in any case.
type boolean struct{ at *bool }

func (v boolean) String() string { return strconv.FormatBool(*v.at) }

func (v boolean) Set(text string) error {
	switch strings.ToLower(text) {
	case "1", "yes", "true", "on":
		*v.at = true
	case "0", "no", "false", "off":
		*v.at = false
	default:
		//lint:ignore ST1005 TabPy's text
		return fmt.Errorf("Not a boolean: %s", text)
	}
	return nil
}

// unlessFalse is a switch that TabPy parses differently: every text except "false" is true, even
// "0" and "no".
type unlessFalse struct{ at *bool }

func (v unlessFalse) String() string { return strconv.FormatBool(*v.at) }

func (v unlessFalse) Set(text string) error {
	*v.at = !strings.EqualFold(text, "false")
	return nil
}

// text is any string, or one of choices in any case.
type text struct {
	at          *string
	choices     []string           // nil for any string
	errorPrefix string             // of the error for a string that is not a choice; "" for the default error
	check       func(string) error // may be nil
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

// path is a file or folder, relative to the working directory. A leading ~ is the user's home.
//
// GAP: TabPy expands ~ only in TABPY_STATE_PATH; elsewhere it uses a folder with that name.
type path struct{ at *string }

func (v path) String() string { return *v.at }

func (v path) Set(s string) error {
	*v.at = expandHome(s)
	return nil
}

// requiredPath is a path that must not be empty, because an empty one would disable a protection
// that the user wants.
type requiredPath path

func (v requiredPath) String() string { return *v.at }

func (v requiredPath) Set(s string) error {
	if s == "" {
		return errors.New("must name a file; remove the setting to use none")
	}
	return path(v).Set(s)
}

// Seconds is a time limit that keeps TabPy's way of printing it: the default is the integer 30, and
// a configured value is a float. The response to a timeout therefore has "30 s." or "5.0 s.".
type Seconds struct {
	Value float64 // from 0 to maxSeconds
	Whole bool    // print without ".0"
}

const maxSeconds = 24 * 60 * 60

// Duration returns at least one nanosecond, because 0 s is the shortest limit, not an unlimited
// time.
func (s Seconds) Duration() time.Duration {
	return max(1, time.Duration(s.Value*float64(time.Second)))
}

// String returns the number as Python's str() does.
func (s Seconds) String() string {
	if s.Whole {
		return strconv.FormatFloat(s.Value, 'f', -1, 64)
	}
	return python.FormatFloat(s.Value)
}

// seconds is parsed like Python's float().
//
// GAP: TabPy also accepts negative numbers, nan and inf. With these, it stops scripts always or
// never.
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
