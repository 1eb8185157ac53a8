package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"

	"github.com/labstack/echo/v4"

	"tabcell/runtime"
)

// Errors of this package itself.
var (
	errForbiddenPath         = errors.New("the path leads outside the static folder")
	errHostNotAllowed        = errors.New("the Host header names another server; add the name to TABCELL_ALLOWED_HOSTS if it is this one")
	errPathEncoding          = errors.New("the path is not valid UTF-8")
	errOptionsFails          = errors.New("OPTIONS is not supported for a single endpoint")
	errEvaluateDisabled      = errors.New("evaluation is disabled")
	errUnexpectedCredentials = errors.New("credentials were sent, but authentication is off")
	errMissingScope          = errors.New("the token lacks the scope of this route")
	errBudgetExceeded        = errors.New("the request bodies and responses in memory reached their limit")
	errShareExceeded         = fmt.Errorf("%w for one client", errBudgetExceeded)
	errDeployUnavailable     = errors.New("deployment is not available")
	errHandlerPanic          = errors.New("a handler panicked")
)

// bodyTooLargeError reports a body whose announced size exceeds the limit. No byte of it was read.
type bodyTooLargeError struct{ size, limit int64 }

func (e *bodyTooLargeError) Error() string {
	return fmt.Sprintf("Request with size %d exceeded limit of %d (bytes).", e.size, e.limit)
}

// bodyReadError reports a body that could not be read to its end: it was too long, incomplete, or
// not valid gzip.
type bodyReadError struct{ cause error }

func (e *bodyReadError) Error() string { return e.cause.Error() }

func (e *bodyReadError) Unwrap() error { return e.cause }

// unknownEndpointError reports that an endpoint does not exist. The message depends on the
// resource: query is set for /query.
type unknownEndpointError struct {
	name  string
	query bool
}

func (e *unknownEndpointError) Error() string { return fmt.Sprintf("no endpoint %q", e.name) }

// errorRule maps the errors that it matches to failures.
type errorRule struct {
	matches  func(error) bool
	describe func(a *API, err error) failure
}

const scriptFailed = "Error processing script"

// errorRules maps errors to failures. The first rule that matches applies. An error that no rule
// matches becomes an error page with status 500, like an unexpected exception in TabPy.
var errorRules = []errorRule{
	{is(echo.ErrNotFound), errorPage(404)},
	{is(echo.ErrMethodNotAllowed), errorPage(405)},
	{is(errForbiddenPath), errorPage(403)},
	{is(errPathEncoding), errorPage(400)},
	{is(errHostNotAllowed), errorPage(403)},
	{is(errOptionsFails), errorPage(500)},
	{is(errHandlerPanic), errorPage(500)},

	ruleFor(func(_ *API, e *crossOriginError) failure {
		return failure{403, "Cross-origin request refused.", e.Error(), 0}
	}),
	{is(errUnexpectedCredentials), fixedFailure(406, "Username or password provided when authentication not available.", "Not Acceptable")},
	ruleFor(func(*API, *UnauthorizedError) failure {
		return failure{401, "Invalid credentials provided.", "Unauthorized request.", 0}
	}),
	ruleFor(func(_ *API, e *CertificateError) failure { // GAP: TabPy has no client certificates
		return failure{403, e.Reason, "Forbidden request.", 0}
	}),
	ruleFor(missingRoleFailure),
	ruleFor(grantedFailure),
	{is(errMissingScope), fixedFailure(403, "Token is missing a required endpoint scope.", "Forbidden request.")},
	ruleFor(throttledFailure), // GAP: TabPy does not limit sign-in attempts
	ruleFor(func(_ *API, e *bodyTooLargeError) failure {
		return failure{413, e.Error(), "Request Entity Too Large", 0}
	}),
	{is(os.ErrDeadlineExceeded), fixedFailure(408, "The request body did not arrive in time.", emptyObject{})},
	ruleFor(func(_ *API, e *bodyReadError) failure {
		return failure{400, "The request body could not be read.", truncate(e.Error()), 0} // GAP: TabPy's 400 has no body
	}),
	ruleFor(func(_ *API, e *tablesFullError) failure {
		return failure{503, "The server is busy.", e.Error() + ".", 1}
	}),
	ruleFor(func(_ *API, e *tableTooLargeError) failure {
		return failure{500, scriptFailed, "OverflowError : " + e.Error(), 0}
	}),
	ruleFor(lostResponseFailure),
	{is(errBudgetExceeded), budgetFailure},
	ruleFor(func(*API, *auditError) failure {
		return failure{507, "The audit trail cannot be written, so nothing was changed.",
			"Try again after an administrator has made room for it (TABCELL_AUDIT).", 0}
	}),
	{is(errEvaluateDisabled), fixedFailure(404, "Ad-hoc scripts have been disabled on this analytics extension, please contact your administrator.", emptyObject{})},

	// GAP: TabPy can always deploy and run models.
	{is(errDeployUnavailable), fixedFailure(501, "This server does not store endpoints; "+
		"an administrator can enable it with TABCELL_MODELS_PATH.", emptyObject{})},
	{is(runtime.ErrNoModels), fixedFailure(501, "This server cannot run deployed models.", emptyObject{})},

	ruleFor(unavailableFailure), // GAP: TabPy has no clusters
	ruleFor(unclearFailure),

	ruleFor(func(_ *API, e *tabpyError) failure { return failure{e.status, e.message, e.info, 0} }),
	ruleFor(unloadableFailure),

	ruleFor(func(_ *API, e *queryBodyError) failure { return failure{400, truncate(e.Error()), emptyObject{}, 0} }),
	ruleFor(func(_ *API, e *queryFailedError) failure {
		return failure{500, "Error querying function '" + e.uri + "'", queryFailedBody{e.uri, truncate(e.text), "QueryFailed"}, 0}
	}),
	ruleFor(unknownEndpointFailure),

	{is(context.DeadlineExceeded), func(a *API, _ error) failure { // runtime.ErrTimeout, or a TimeoutError that the script raised
		return failure{408, "User defined script timed out. Timeout is set to " + a.cfg.TimeoutText + " s.", emptyObject{}, 0}
	}},
	{isKind(runtime.KindEmpty), fixedFailure(400, "Script is empty.", emptyObject{})},
	{isKind(runtime.KindData), fixedFailure(400, "Script parameters need to be provided as a dictionary.", emptyObject{})},
	{isKind(runtime.KindNames), fixedFailure(400, "Variables names should follow the format _arg1, _arg2, _argN", emptyObject{})},
	{isKind(runtime.KindNoResponse), fixedFailure(404, scriptFailed, "The endpoint you're trying to query did not respond. "+
		"Please make sure the endpoint exists and the correct set of arguments are provided.")},
	ruleFor(func(_ *API, e *runtime.ScriptError) failure {
		return failure{500, scriptFailed, truncate(e.Error()), 0}
	}),
	{is(runtime.ErrMemory), func(a *API, _ error) failure {
		return failure{500, scriptFailed, "MemoryError : the script exceeded its memory limit of " +
			formatBytes(a.cfg.MemoryLimit) + " (TABCELL_MEMORY_LIMIT_MB)", 0}
	}},
	{is(runtime.ErrOutput), func(a *API, _ error) failure {
		return failure{500, scriptFailed, "OverflowError : the script's response exceeds the limit of " +
			formatBytes(a.cfg.OutputLimit) + " (TABCELL_OUTPUT_LIMIT_MB)", 0}
	}},
	{is(runtime.ErrCrash), fixedFailure(500, scriptFailed, "SystemError : the script's cell crashed")},
	{is(runtime.ErrBusy), busyFailure},
	{is(runtime.ErrPreparing), preparingFailure}, // GAP: TabPy has nothing to prepare
	{is(runtime.ErrClosed), fixedFailure(503, "The server is shutting down.", emptyObject{})},
}

// failureOf returns the failure for err.
func (a *API) failureOf(err error) failure {
	for _, r := range errorRules {
		if r.matches(err) {
			return r.describe(a, err)
		}
	}
	return failure{status: http.StatusInternalServerError}
}

func is(target error) func(error) bool { return func(err error) bool { return errors.Is(err, target) } }

func isKind(k runtime.Kind) func(error) bool {
	return func(err error) bool {
		e, ok := errors.AsType[*runtime.ScriptError](err)
		return ok && e.Kind == k
	}
}

// ruleFor returns a rule for the errors of type E. describe gets the error without its wrapping.
func ruleFor[E error](describe func(*API, E) failure) errorRule {
	return errorRule{
		func(err error) bool {
			_, ok := errors.AsType[E](err)
			return ok
		},
		func(a *API, err error) failure {
			e, _ := errors.AsType[E](err)
			return describe(a, e)
		},
	}
}

// page describes an error as an error page.
func errorPage(status int) func(*API, error) failure {
	return func(*API, error) failure { return failure{status: status} }
}

// fixed describes every error with the same message and info.
func fixedFailure(status int, message string, info any) func(*API, error) failure {
	return func(*API, error) failure { return failure{status, message, info, 0} }
}
