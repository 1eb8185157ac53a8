package httpapi

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"tabcell/runtime"
)

// failure is an error as the client sees it. A failure without a message is sent as an error page.
type failure struct {
	status     int
	message    string
	info       any
	retryAfter int // seconds for Retry-After; 0 leaves the header out
}

func unknownEndpointFailure(_ *API, e *unknownEndpointError) failure {
	if e.query {
		return failure{404, "UnknownURI", truncate("Endpoint '" + e.name + "' does not exist"), 0}
	}
	return failure{404, "Unknown endpoint", truncate("Endpoint " + e.name + " is not found"), 0}
}

// throttledFailure returns 429 rather than 401, because users take 401 for a wrong password and
// change it.
func throttledFailure(_ *API, e *ThrottledError) failure {
	return failure{429, "Too many failed sign-ins from this address.", "Please try again later.", retrySeconds(e.RetryAfter)}
}

// retrySeconds returns d in whole seconds, rounded up, between one second and one hour.
func retrySeconds(d time.Duration) int { return max(1, int(min(d.Seconds()+0.999, 3600))) }

// busyFailure returns 503 with the time after which a retry makes sense.
func busyFailure(_ *API, err error) failure {
	seconds, reason := 1, "All cells are running and the queue is full (TABCELL_CONCURRENCY, TABCELL_QUEUE)."
	if busy, ok := errors.AsType[*runtime.BusyError](err); ok {
		seconds = retrySeconds(busy.RetryAfter)
		if busy.Owner != "" {
			reason = shareReason(busy)
		}
	}
	return failure{503, "The server is busy.", reason, seconds}
}

// unknownWait is the number of seconds for Retry-After while a guest is being prepared and the time
// that is left cannot be estimated yet.
const unknownWait = 5

const preparingInfo = "Python and its libraries are compiled once, at the first start after an installation or an update; please try again then."

// preparingFailure returns 503 with the time after which the guest is expected to be ready.
func preparingFailure(_ *API, err error) failure {
	seconds := unknownWait
	preparing, ok := errors.AsType[*runtime.PreparingError](err)
	if ok && preparing.Left > 0 {
		seconds = retrySeconds(preparing.Left)
	}
	message := runtime.ErrPreparing.Error()
	if ok {
		message = preparing.Error()
	}
	return failure{503, message, preparingInfo, seconds}
}

// shareReason returns the reason of a refusal that concerns only one owner. It does not show the
// name of an account.
func shareReason(busy *runtime.BusyError) string {
	who := "This account"
	if address, ok := strings.CutPrefix(busy.Owner, addressPrefix); ok {
		who = "The address " + address
	}
	return fmt.Sprintf("%s has %d scripts in the queue, the most that one client may have (TABCELL_QUEUE, TABCELL_WEIGHTS).", who, busy.Share)
}

// budgetFailure returns 503 with the limit that was reached: that of all clients or that of one.
func budgetFailure(a *API, err error) failure {
	subject := "The request bodies and responses in memory reached their limit"
	if errors.Is(err, errShareExceeded) {
		subject = "The request bodies and responses of this client in memory reached its share of their limit"
	}
	return failure{503, "The server is busy.", subject + " of " + formatBytes(uint64(a.cfg.MaxBufferedBytes)) +
		" (TABCELL_BUFFER_MB).", 1}
}

// lostResponseError reports that a request was carried out, but that there is no memory for its
// response. err is that of the budget.
type lostResponseError struct{ err error }

func (e *lostResponseError) Error() string { return e.err.Error() }
func (e *lostResponseError) Unwrap() error { return e.err }

// lostResponseFailure returns 507, because load balancers send a request again after 503, which
// therefore means that nothing was started. Its message tells it from the other failures with 507,
// after which nothing was changed.
func lostResponseFailure(a *API, e *lostResponseError) failure {
	return failure{
		http.StatusInsufficientStorage, "The request was carried out, but there was no memory for its response.", budgetFailure(a, e.err).info, 0,
	}
}

// unloadableFailure describes a model that was not deployed because it does not load.
func unloadableFailure(_ *API, e *unloadableError) failure {
	return failure{http.StatusUnprocessableEntity, "The model cannot be loaded, and nothing was changed.", truncate(fmt.Sprint(e.cause)), 0}
}

// maxInfo limits the info of a failure, in bytes. The text of an exception comes from the script
// and may be as long as the script's memory allows.
const maxInfo = 64 << 10

// truncate cuts text to maxInfo bytes, at a character boundary.
func truncate(text string) string { return truncateTo(maxInfo, text) }

// truncateTo cuts text to limit bytes, at a character boundary.
func truncateTo(limit int, text string) string {
	if len(text) <= limit {
		return text
	}
	cut := limit
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return fmt.Sprintf("%s... (cut; %d bytes in all)", text[:cut], len(text))
}

// formatBytes formats a limit, in MB or KB if that is exact.
func formatBytes(n uint64) string {
	switch {
	case n >= 1<<20 && n%(1<<20) == 0:
		return fmt.Sprintf("%d MB", n>>20)
	case n >= 1<<10 && n%(1<<10) == 0:
		return fmt.Sprintf("%d KB", n>>10)
	}
	return fmt.Sprintf("%d bytes", n)
}
