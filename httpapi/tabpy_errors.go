package httpapi

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"tabcell/runtime/registry"
)

// said is an error that is told as it is: TabPy's sentences about endpoints.
type tabpyError struct {
	status  int
	message string
	info    any
}

func (e *tabpyError) Error() string { return e.message }

// sentence is a 400 that needs no more than a sentence.
func badRequest(format string, args ...any) error {
	return &tabpyError{400, fmt.Sprintf(format, args...), emptyObject{}}
}

// exception is what TabPy's handlers raise where they do not foresee it. What a client sees of it depends on the method.
type pythonException struct{ class, text string }

func (e *pythonException) Error() string { return e.class + " : " + e.text }

// noFile is Python's error for a file that does not exist.
func fileNotFound(path string) error {
	return &pythonException{"FileNotFoundError", "[Errno 2] No such file or directory: " + pythonRepr(path)}
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
func addError(name string, err error) error {
	if e, ok := errors.AsType[*pythonException](err); ok {
		return &tabpyError{500, "error adding endpoint", truncate(e.Error())}
	}
	return changeError(name, err)
}

func updateError(name string, err error) error {
	if e, ok := errors.AsType[*pythonException](err); ok {
		return &tabpyError{500, truncate(e.Error()), emptyObject{}}
	}
	return changeError(name, err)
}

// stateChange begins the sentences about what TabPy's state does not accept.
const stateErrorPrefix = "Error when changing TabPy state: "

// changing tells what the registry has against a change.
func changeError(name string, err error) error {
	storage, broken := errors.AsType[*registry.StorageError](err)
	switch {
	case errors.Is(err, registry.ErrExists):
		return badRequest("endpoint %s already exists.", name)
	case errors.Is(err, registry.ErrNotFound):
		return &tabpyError{404, truncate("endpoint " + orText(name, "None") + " does not exist."), emptyObject{}} // a missing name is Python's None
	case errors.Is(err, registry.ErrInvalidName):
		return badRequest("%s", err)
	case errors.Is(err, registry.ErrInUse): // TabPy's sentence does not get out
		return badRequest("endpoint %s cannot be removed: %s", name, err)
	case errors.Is(err, registry.ErrInvalidTarget), errors.Is(err, registry.ErrInvalid), errors.Is(err, registry.ErrTooLarge), errors.Is(err, registry.ErrTooMany):
		return badRequest("%s%s", stateErrorPrefix, err)
	case errors.Is(err, registry.ErrReadOnly):
		return &tabpyError{409, "Nothing can be deployed here: another process has the folder of this server's endpoints open.", emptyObject{}}
	case broken:
		return &tabpyError{507, "The endpoint could not be stored.", storage.Error()}
	}
	return err
}
