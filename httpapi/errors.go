package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"tabcell/runtime"
)

// What can go wrong in this package itself.
var (
	errForbidden   = errors.New("the path leads out of what is served")
	errHost        = errors.New("the Host header names another server: list the names of this one as allowed hosts (TABCELL_ALLOWED_HOSTS)")
	errEncoding    = errors.New("the path is not UTF-8")
	errDefect      = errors.New("OPTIONS of one endpoint")
	errDisabled    = errors.New("evaluation is disabled")
	errCredentials = errors.New("credentials were sent, but authentication is off")
	errScope       = errors.New("the token's scopes do not permit it")
	errCrowded     = errors.New("the bodies and answers in memory are too many")
	errNoDeploy    = errors.New("deployment is not available")
	errPanic       = errors.New("a handler panicked")
)

// tooLarge is a body whose announced size is over the limit; nothing of it was read.
type tooLarge struct{ size, limit int64 }

func (e *tooLarge) Error() string {
	return fmt.Sprintf("Request with size %d exceeded limit of %d (bytes).", e.size, e.limit)
}

// badBody is a body that could not be read to its end: too long, not gzip although it should be, or broken off.
type badBody struct{ cause error }

func (e *badBody) Error() string { return e.cause.Error() }
func (e *badBody) Unwrap() error { return e.cause }

// unknownName is an endpoint that does not exist, as /endpoints and /query are asked for it.
type unknownName struct {
	name  string
	query bool
}

func (e *unknownName) Error() string { return fmt.Sprintf("no endpoint %q", e.name) }

// failure is an error as its client hears of it. One without a message is a page.
type failure struct {
	status  int
	message string
	info    any
	retry   int // seconds for Retry-After; 0 leaves it out
}

// row says what becomes of the errors that it matches.
type row struct {
	matches func(error) bool
	tell    func(a *API, err error) failure
}

const scriptFailed = "Error processing script"

// rows is the table of all errors; the first row that matches counts. What none matches is a page 500, as any error is that TabPy's
// handlers do not foresee.
var rows = []row{
	{is(echo.ErrNotFound), page(404)},
	{is(echo.ErrMethodNotAllowed), page(405)},
	{is(errForbidden), page(403)},
	{is(errEncoding), page(400)},
	{is(errHost), page(403)},
	{is(errDefect), page(500)},
	{is(errPanic), page(500)},

	{is(errCredentials), says(406, "Username or password provided when authentication not available.", "Not Acceptable")},
	about(func(*API, *UnauthorizedError) failure {
		return failure{401, "Invalid credentials provided.", "Unauthorized request.", 0}
	}),
	{is(errScope), says(403, "Token is missing a required endpoint scope.", "Forbidden request.")},
	about(tellThrottled), // GAP: TabPy lets everybody guess as fast as they can
	about(func(_ *API, e *tooLarge) failure { return failure{413, e.Error(), "Request Entity Too Large", 0} }),
	{is(os.ErrDeadlineExceeded), says(408, "The request body did not arrive in time.", nothing{})},
	about(func(_ *API, e *badBody) failure {
		return failure{400, "The request body could not be read.", clip(e.Error()), 0} // GAP: TabPy's 400 has no body
	}),
	{is(errCrowded), func(*API, error) failure {
		return failure{503, "The server is busy.", "The request bodies and answers in memory reached their limit.", 1}
	}},
	{is(errDisabled), says(404, "Ad-hoc scripts have been disabled on this analytics extension, please contact your administrator.", nothing{})},
	{is(errNoDeploy), says(501, "This server keeps no deployed endpoints: its administrator can name a folder for them (TABCELL_MODELS_PATH).", nothing{})}, // GAP
	{is(runtime.ErrNoModels), says(501, "The Python guest of this server cannot run deployed models.", nothing{})},                                          // GAP
	about(func(_ *API, e *said) failure { return failure{e.status, e.message, e.info, 0} }),
	about(tellUnloadable),

	about(func(_ *API, e *queryBody) failure { return failure{400, clip(e.Error()), nothing{}, 0} }),
	about(func(_ *API, e *queryFailed) failure {
		return failure{500, "Error querying function '" + e.uri + "'", failedBody{e.uri, clip(e.text), "QueryFailed"}, 0}
	}),
	about(tellUnknown),

	{is(context.DeadlineExceeded), func(a *API, _ error) failure { // runtime.ErrTimeout, and a TimeoutError of the script's own
		return failure{408, "User defined script timed out. Timeout is set to " + a.cfg.TimeoutText + " s.", nothing{}, 0}
	}},
	{kind(runtime.KindEmpty), says(400, "Script is empty.", nothing{})},
	{kind(runtime.KindData), says(400, "Script parameters need to be provided as a dictionary.", nothing{})},
	{kind(runtime.KindNames), says(400, "Variables names should follow the format _arg1, _arg2, _argN", nothing{})},
	{kind(runtime.KindNoResponse), says(404, scriptFailed, "The endpoint you're trying to query did not respond. "+
		"Please make sure the endpoint exists and the correct set of arguments are provided.")},
	about(func(_ *API, e *runtime.ScriptError) failure { return failure{500, scriptFailed, clip(e.Error()), 0} }),
	{is(runtime.ErrMemory), func(a *API, _ error) failure {
		return failure{500, scriptFailed, "MemoryError : the script needed more than its limit of " + bytesText(a.cfg.MemoryLimit), 0}
	}},
	{is(runtime.ErrOutput), func(a *API, _ error) failure {
		return failure{500, scriptFailed, "OverflowError : the script's answer is larger than the limit of " + bytesText(a.cfg.OutputLimit), 0}
	}},
	{is(runtime.ErrCrash), says(500, scriptFailed, "SystemError : the script's cell broke down")},
	{is(runtime.ErrBusy), tellBusy},
	{is(runtime.ErrClosed), says(503, "The server is shutting down.", nothing{})},
}

// failureOf looks an error up.
func (a *API) failureOf(err error) failure {
	for _, r := range rows {
		if r.matches(err) {
			return r.tell(a, err)
		}
	}
	return failure{status: http.StatusInternalServerError}
}

func is(target error) func(error) bool { return func(err error) bool { return errors.Is(err, target) } }

func kind(k runtime.Kind) func(error) bool {
	return func(err error) bool {
		e, ok := errors.AsType[*runtime.ScriptError](err)
		return ok && e.Kind == k
	}
}

// about is the row of a type of errors, told without what they were wrapped in.
func about[E error](tell func(*API, E) failure) row {
	return row{
		func(err error) bool {
			_, ok := errors.AsType[E](err)
			return ok
		},
		func(a *API, err error) failure {
			e, _ := errors.AsType[E](err)
			return tell(a, e)
		},
	}
}

func page(status int) func(*API, error) failure {
	return func(*API, error) failure { return failure{status: status} }
}

func says(status int, message string, info any) func(*API, error) failure {
	return func(*API, error) failure { return failure{status, message, info, 0} }
}

func tellUnknown(_ *API, e *unknownName) failure {
	if e.query {
		return failure{404, "UnknownURI", clip("Endpoint '" + e.name + "' does not exist"), 0}
	}
	return failure{404, "Unknown endpoint", clip("Endpoint " + e.name + " is not found"), 0}
}

// tellThrottled is not 401, which would make people change a password that is right.
func tellThrottled(_ *API, e *ThrottledError) failure {
	return failure{429, "Too many failed sign-ins from this address.", "Please try again later.", wholeSeconds(e.RetryAfter)}
}

// wholeSeconds are at least one, and at most an hour.
func wholeSeconds(d time.Duration) int { return max(1, int(min(d.Seconds()+0.999, 3600))) }

// tellBusy names the whole seconds after which trying again makes sense, at least one.
func tellBusy(_ *API, err error) failure {
	seconds, reason := 1, "All cells are running and the queue is full."
	if busy, ok := errors.AsType[*runtime.BusyError](err); ok {
		seconds = wholeSeconds(busy.RetryAfter)
		if busy.Reason != "" {
			reason = busy.Reason
		}
	}
	return failure{503, "The server is busy.", reason, seconds}
}

// mostInfo bounds the info of an error, bytes: an exception's text is the script's, and may be as long as its memory.
const mostInfo = 64 << 10

func clip(text string) string {
	if len(text) <= mostInfo {
		return text
	}
	cut := mostInfo
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return fmt.Sprintf("%s... (cut; %d bytes in all)", text[:cut], len(text))
}

// bytesText is a limit for people: whole units where they are whole.
func bytesText(n uint64) string {
	switch {
	case n >= 1<<20 && n%(1<<20) == 0:
		return fmt.Sprintf("%d MB", n>>20)
	case n >= 1<<10 && n%(1<<10) == 0:
		return fmt.Sprintf("%d KB", n>>10)
	}
	return fmt.Sprintf("%d bytes", n)
}
