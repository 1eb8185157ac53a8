package httpapi

import (
	"context"
	"errors"
	"fmt"
	"os"

	"tabcell/httpapi/internal/arrowipc"
)

// Kinds of exceeded limits, for the audit trail and the metrics.
var (
	errTableTooLarge = errors.New("a table is too large")
	errTablesFull    = errors.New("there is no room for a table")
)

// tableTooLargeError reports a table beyond the limit of one table.
type tableTooLargeError struct{ limit int64 }

func (e *tableTooLargeError) Error() string {
	return "the table exceeds the limit of " + formatBytes(uint64(e.limit)) + " (TABCELL_FLIGHT_TABLE_MB)"
}

// Is reports whether target is errTableTooLarge.
func (e *tableTooLargeError) Is(target error) bool { return target == errTableTooLarge }

// tablesFullError reports a table for which there is no room, beside those of all clients or of
// one.
type tablesFullError struct {
	limit int64
	share bool // the client has used up its share
}

func (e *tablesFullError) Error() string {
	subject := "the tables in memory reached their limit"
	if e.share {
		subject = "the tables of this client in memory reached its share of their limit"
	}
	return subject + " of " + formatBytes(uint64(e.limit)) + " (TABCELL_FLIGHT_TABLES_MB)"
}

// Is reports whether target is errTablesFull.
func (e *tablesFullError) Is(target error) bool { return target == errTablesFull }

// Unwrap returns an error for which the client gets 503 with Retry-After.
func (e *tablesFullError) Unwrap() error { return errBudgetExceeded }

// Errors of the Flight service, in the words of TabPy and pyarrow.
var (
	errFlightNotFound   = &FlightError{FlightNotFound, "'Flight not found.'"}
	errFlightConsumed   = &FlightError{FlightUnknown, "FlightServerBase.do_get must return a FlightDataStream"}
	errNoCredentials    = &FlightError{FlightUnauthenticated, "No credentials supplied"}
	errBadCredentials   = &FlightError{FlightUnauthenticated, "Invalid credentials"}
	errNoAuthentication = &FlightError{FlightUnimplemented, "This service does not have an authentication mechanism enabled."}
	errShutdownRefused  = &FlightError{FlightDenied, "The action 'shutdown' is disabled; an administrator stops the server."}
)

// flightErrorOf returns err as a client of the Flight service sees it.
func (a *API) flightErrorOf(err error) *FlightError {
	flight, isFlight := errors.AsType[*FlightError](err)
	_, unauthorized := errors.AsType[*UnauthorizedError](err)
	certificate, isCertificate := errors.AsType[*CertificateError](err)
	throttled, isThrottled := errors.AsType[*ThrottledError](err)
	missing, isMissing := errors.AsType[*missingRoleError](err)
	tooLarge, isTooLarge := errors.AsType[*tableTooLargeError](err)
	full, isFull := errors.AsType[*tablesFullError](err)
	switch {
	case isFlight:
		return flight
	case unauthorized:
		return errBadCredentials
	case isCertificate:
		return &FlightError{FlightUnauthenticated, certificate.Reason}
	case isThrottled: // GAP: TabPy does not limit sign-in attempts
		f := throttledFailure(a, throttled)
		return &FlightError{FlightExhausted, fmt.Sprintf("%s Try again in %d s.", f.message, f.retryAfter)}
	case isMissing:
		f := missingRoleFailure(a, missing)
		return &FlightError{FlightDenied, fmt.Sprint(f.message, " ", f.info)}
	case isTooLarge:
		return &FlightError{FlightExhausted, tooLarge.Error()}
	case isFull:
		return &FlightError{FlightExhausted, full.Error()}
	case errors.Is(err, errBudgetExceeded):
		f := budgetFailure(a, err)
		return &FlightError{FlightExhausted, fmt.Sprint(f.message, " ", f.info)}
	}
	return transferErrorOf(err)
}

// transferErrorOf returns an error of a stream as its client sees it.
func transferErrorOf(err error) *FlightError {
	switch {
	case errors.Is(err, arrowipc.ErrNoData), errors.Is(err, arrowipc.ErrHeader):
		return &FlightError{FlightUnknown, err.Error()}
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return &FlightError{FlightTimeout, "the stream stood still, or took longer than the lifetime of a table (TABCELL_FLIGHT_TTL)"}
	case errors.Is(err, context.Canceled):
		return &FlightError{FlightCanceled, "the client canceled the call"}
	}
	return &FlightError{FlightInvalid, truncateTo(maxFlightText, err.Error())}
}

// maxFlightText limits the text of an error in bytes. It is sent in a header.
const maxFlightText = 1 << 10
