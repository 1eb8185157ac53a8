package httpapi

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"tabcell/runtime/registry"
)

// tabpyError is an error that is sent to the client unchanged. Most are TabPy's own sentences about
// endpoints.
type tabpyError struct {
	status  int
	message string
	info    any
}

func (e *tabpyError) Error() string { return e.message }

// badRequest returns a tabpyError with status 400 and a formatted message.
func badRequest(format string, args ...any) error {
	return &tabpyError{400, fmt.Sprintf(format, args...), emptyObject{}}
}

// pythonException is an exception that TabPy's handlers raise unintentionally. The response to it
// depends on the method; see addError and updateError.
type pythonException struct{ class, text string }

func (e *pythonException) Error() string { return e.class + " : " + e.text }

// fileNotFound returns Python's exception for a file that does not exist.
func fileNotFound(path string) error {
	return &pythonException{"FileNotFoundError", "[Errno 2] No such file or directory: " + pythonRepr(path)}
}

// pythonRepr returns Python's repr(s). It is exact unless s contains quotes of both kinds.
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

// addError converts err to the error that POST /endpoints reports.
func addError(name string, err error) error {
	if e, ok := errors.AsType[*pythonException](err); ok {
		return &tabpyError{500, "error adding endpoint", truncate(e.Error())}
	}
	return changeError(name, err)
}

// updateError converts err to the error that PUT and DELETE report.
func updateError(name string, err error) error {
	if e, ok := errors.AsType[*pythonException](err); ok {
		return &tabpyError{500, truncate(e.Error()), emptyObject{}}
	}
	return changeError(name, err)
}

// stateErrorPrefix begins TabPy's messages about invalid changes of its state.
const stateErrorPrefix = "Error when changing TabPy state: "

// changeError converts an error of the registry to a tabpyError. It returns other errors unchanged.
func changeError(name string, err error) error {
	storage, isStorage := errors.AsType[*registry.StorageError](err)
	switch {
	case errors.Is(err, registry.ErrExists):
		return badRequest("endpoint %s already exists.", name)
	case errors.Is(err, registry.ErrNotFound):
		return &tabpyError{404, truncate("endpoint " + cmp.Or(name, "None") + " does not exist."), emptyObject{}} // TabPy prints a missing name as None
	case errors.Is(err, registry.ErrInvalidName):
		return badRequest("%s", err)
	case errors.Is(err, registry.ErrInUse): // TabPy has a message of its own, but never sends it
		return badRequest("endpoint %s cannot be removed: %s", name, err)
	case errors.Is(err, registry.ErrInvalidTarget), errors.Is(err, registry.ErrInvalid), errors.Is(err, registry.ErrTooLarge), errors.Is(err, registry.ErrTooMany):
		return badRequest("%s%s", stateErrorPrefix, err)
	case errors.Is(err, registry.ErrReadOnly):
		return &tabpyError{409, "The endpoints of this server are read-only, because another process has their folder open.", emptyObject{}}
	case isStorage:
		return &tabpyError{507, "The endpoint could not be stored.", storage.Error()}
	}
	return err
}
