package console

import (
	"errors"

	"tabcell/runtime"
)

// maxErrorText limits the texts of an exception in bytes. Scripts write them.
const maxErrorText = 64 << 10

// scriptError describes why a script failed.
type scriptError struct {
	Class     string `json:"class"`
	Message   string `json:"message"`
	Line      int    `json:"line"` // of the text that the user sees; 0 if it is unknown
	In        string `json:"in"`
	Limit     string `json:"limit,omitempty"`
	Traceback string `json:"traceback,omitempty"`
}

// limitErrors has the errors of scripts that a limit or a defect ended, with the class that Python
// has for them.
var limitErrors = []struct {
	err          error
	class, limit string
}{
	{runtime.ErrTimeout, "TimeoutError", "time"},
	{runtime.ErrMemory, "MemoryError", "memory"},
	{runtime.ErrOutput, "OverflowError", "output"},
	{runtime.ErrCellLimit, "", "cell"},
	{runtime.ErrCrash, "SystemError", ""},
}

// newScriptError returns the description of the error with which a call ended, or nil if the call
// did not run.
func newScriptError(err error, call pythonCall) *scriptError {
	raised, isRaised := errors.AsType[*runtime.ScriptError](err)
	for _, l := range limitErrors {
		if !isRaised && errors.Is(err, l.err) {
			return &scriptError{Class: l.class, Message: cutText(err.Error(), maxErrorText), In: "server", Limit: l.limit}
		}
	}
	if !isRaised {
		return nil
	}
	e := &scriptError{
		Class: cutText(raised.Class, 200), Message: cutText(raised.Text, maxErrorText), Line: call.lineOf(raised.Line), In: "script",
		Traceback: cutText(raised.Traceback, maxErrorText),
	}
	for _, l := range limitErrors {
		if raised.Limit != nil && errors.Is(raised.Limit, l.err) {
			e.Limit = l.limit
		}
	}
	return e
}

// lineOf returns the line of the user's text that is a line of the script, or 0 if the line is not
// the user's.
func (c pythonCall) lineOf(line int) int {
	if line -= c.added; line < 1 || line > c.lines {
		return 0
	}
	return line
}
