package httpapi

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"tabcell/runtime/registry"
)

// said is an error that is told as it is: TabPy's sentences about endpoints.
type said struct {
	status  int
	message string
	info    any
}

func (e *said) Error() string { return e.message }

// sentence is a 400 that needs no more than a sentence.
func sentence(format string, args ...any) error {
	return &said{400, fmt.Sprintf(format, args...), nothing{}}
}

// exception is what TabPy's handlers raise where they do not foresee it. What a client sees of it depends on the method.
type exception struct{ class, text string }

func (e *exception) Error() string { return e.class + " : " + e.text }

// noFile is Python's error for a file that does not exist.
func noFile(path string) error {
	return &exception{"FileNotFoundError", "[Errno 2] No such file or directory: " + pythonRepr(path)}
}

// pythonRepr is repr(s) of Python for texts without quotes of both kinds.
func pythonRepr(s string) string {
	quote := "'"
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		quote = `"`
	}
	var b strings.Builder
	b.WriteString(quote)
	for _, r := range s {
		switch {
		case r == '\\' || string(r) == quote:
			b.WriteString(`\` + string(r))
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < 0x20 || r == 0x7f:
			fmt.Fprintf(&b, `\x%02x`, r)
		case !unicode.IsPrint(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String() + quote
}

// adding is an error as POST /endpoints tells it, updating as PUT and DELETE do.
func adding(name string, err error) error {
	if e, ok := errors.AsType[*exception](err); ok {
		return &said{500, "error adding endpoint", clip(e.Error())}
	}
	return changing(name, err)
}

func updating(name string, err error) error {
	if e, ok := errors.AsType[*exception](err); ok {
		return &said{500, clip(e.Error()), nothing{}}
	}
	return changing(name, err)
}

// stateChange begins the sentences about what TabPy's state does not accept.
const stateChange = "Error when changing TabPy state: "

// changing tells what the registry has against a change.
func changing(name string, err error) error {
	storage, broken := errors.AsType[*registry.StorageError](err)
	switch {
	case errors.Is(err, registry.ErrExists):
		return sentence("endpoint %s already exists.", name)
	case errors.Is(err, registry.ErrUnknown):
		return &said{404, clip("endpoint " + orText(name, "None") + " does not exist."), nothing{}} // a missing name is Python's None
	case errors.Is(err, registry.ErrName):
		return sentence("%s", err)
	case errors.Is(err, registry.ErrUsed): // TabPy's sentence does not get out
		return sentence("endpoint %s cannot be removed: %s", name, err)
	case errors.Is(err, registry.ErrTarget), errors.Is(err, registry.ErrInvalid), errors.Is(err, registry.ErrTooLarge), errors.Is(err, registry.ErrTooMany):
		return sentence("%s%s", stateChange, err)
	case errors.Is(err, registry.ErrReadOnly):
		return &said{409, "Nothing can be deployed here: another process has the folder of this server's endpoints open.", nothing{}}
	case broken:
		return &said{507, "The endpoint could not be stored.", storage.Error()}
	}
	return err
}
