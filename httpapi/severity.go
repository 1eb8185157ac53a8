package httpapi

import (
	"errors"
	"slices"

	"github.com/rs/zerolog"

	"tabcell/runtime"
)

// severity is who, or what, has to remedy the failure of a request.
type severity int

const (
	serverFault severity = iota // an administrator; also refusals, and everything unexpected
	mistake                     // the author of the script, the model or the request
	exceeded                    // the author or an administrator: a limit of a script or a request
	transient                   // time alone: a guest is being prepared, which the log reports itself
)

// scriptLimits lists the errors of scripts and models that exceeded a limit.
var scriptLimits = []error{runtime.ErrTimeout, runtime.ErrMemory, runtime.ErrOutput, runtime.ErrCellLimit, errTableTooLarge}

// severityOf returns the severity of the failure that err causes.
func severityOf(err error) severity {
	_, tooLarge := errors.AsType[*bodyTooLargeError](err)
	if tooLarge || errors.Is(err, errOverLimit) || slices.ContainsFunc(scriptLimits, func(limit error) bool { return errors.Is(err, limit) }) {
		return exceeded
	}
	switch {
	case isMistake(err):
		return mistake
	case errors.Is(err, runtime.ErrPreparing):
		return transient
	}
	return serverFault
}

// isMistake reports whether a user caused err: by the text of a script or a model, by its data, or
// by a request that names no endpoint, deploys none, or has a broken body.
func isMistake(err error) bool {
	_, raised := errors.AsType[*runtime.ScriptError](err)
	_, model := errors.AsType[*runtime.ModelError](err)
	_, body := errors.AsType[*queryBodyError](err)
	_, unknown := errors.AsType[*unknownEndpointError](err)
	_, unloadable := errors.AsType[*unloadableError](err)
	_, broken := errors.AsType[*bodyReadError](err)
	request, sentence := errors.AsType[*tabpyError](err)
	return raised || model || body || unknown || unloadable || broken || sentence && request.status < 500
}

// failureLevel returns the level of TabPy's line about a failure.
//
// GAP: TabPy logs all failures as errors. Here, only those that an administrator has to look into
// are errors, so that an alert does not report each typo.
func (s severity) failureLevel() zerolog.Level {
	switch s {
	case mistake, transient:
		return zerolog.InfoLevel
	case exceeded:
		return zerolog.WarnLevel
	}
	return zerolog.ErrorLevel
}
