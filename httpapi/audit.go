package httpapi

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"strings"

	"tabcell/httpapi/internal/pyjson"
	"tabcell/runtime"
)

// auditError reports that a change was not made because the audit trail could not be written.
type auditError struct{ cause error }

func (e *auditError) Error() string { return e.cause.Error() }

func (e *auditError) Unwrap() error { return e.cause }

// requestKey is the key of the *request in its context.
type requestKey struct{}

// withRequest returns ctx with req, for the audit trail. Scripts that change endpoints pass it on.
func withRequest(ctx context.Context, req *request) context.Context {
	return context.WithValue(ctx, requestKey{}, req)
}

// record records an event of the request in ctx, or without a client if ctx has none. It does
// nothing without an audit trail. The error is an *auditError.
func (a *API) record(ctx context.Context, e AuditEvent) error {
	if a.deps.Audit == nil {
		return nil
	}
	return a.store(eventOf(ctx, e))
}

// eventOf returns the event with the client of the request in ctx, if ctx has one.
func eventOf(ctx context.Context, e AuditEvent) AuditEvent {
	if req, ok := ctx.Value(requestKey{}).(*request); ok {
		e.Address, e.Call = req.clientAddr(), req.id
		if e.Account == "" {
			e.Account = req.user.Account
		}
	}
	return e
}

// store adds an event to the audit trail, which must exist. The error is an *auditError.
func (a *API) store(e AuditEvent) error {
	e.Account, e.Endpoint = sanitize(e.Account, maxLoggedName), sanitize(e.Endpoint, maxLoggedName)
	e.Reason, e.Target = sanitize(e.Reason, maxLoggedURL), sanitize(e.Target, maxLoggedURL)
	if err := a.deps.Audit.Record(e); err != nil {
		return &auditError{err}
	}
	return nil
}

// record records an event of the request. A failure does not matter to events that change nothing.
func (req *request) record(e AuditEvent) {
	_ = req.api.record(withRequest(context.Background(), req), e)
}

// recordSignIn records the result of checking credentials. Requests without credentials are not
// recorded: clients send one to find out that credentials are necessary.
func (req *request) recordSignIn(c Credentials, err error) {
	_, throttled := errors.AsType[*ThrottledError](err)
	_, unauthorized := errors.AsType[*UnauthorizedError](err)
	_, refused := errors.AsType[*CertificateError](err)
	switch {
	case err == nil:
		req.record(AuditEvent{Kind: AuditSignIn, Outcome: AuditOK})
	case (throttled || unauthorized || refused) && (c.Scheme != "" || len(c.Chains) > 0), errors.Is(err, errUnexpectedCredentials):
		req.record(AuditEvent{Kind: AuditSignIn, Outcome: AuditRefused, Account: claimedAccount(c), Reason: signInReason(err)})
	}
}

// claimedAccount returns the account that the sender of c claims to be, in the form of
// User.Account. It is "" for tokens, whose content cannot be trusted.
func claimedAccount(c Credentials) string {
	if !strings.EqualFold(c.Scheme, "basic") || c.Name == "" {
		return ""
	}
	return "Basic " + c.Name
}

// signInReason returns the reason for a refusal. The time to wait is left out, so that repeats are
// equal.
func signInReason(err error) string {
	if throttled, ok := errors.AsType[*ThrottledError](err); ok {
		reason, _, _ := strings.Cut(throttled.Reason, ";")
		return reason
	}
	return err.Error()
}

// recordFailure records an error that is a refusal or an exceeded limit. endpoint is the endpoint
// that was queried or changed, or "".
func (req *request) recordFailure(err error, endpoint string) {
	if reason := refusalOf(err); reason != "" {
		req.record(AuditEvent{Kind: AuditAccess, Outcome: AuditRefused, Endpoint: endpoint, Reason: reason})
		return
	}
	if limit := limitOf(err); limit != "" {
		e := AuditEvent{Kind: AuditLimit, Outcome: AuditRefused, Endpoint: endpoint, SHA256: scriptSum(req.script), Reason: limit}
		if model, ok := req.api.models.Get(endpoint); ok && len(model.Versions) > 0 {
			e.Version, e.SHA256 = model.Version, model.Current().Sum
		}
		req.record(e)
	}
}

// refusalOf returns the reason why a request was refused with err, or "" if err is not a refusal.
func refusalOf(err error) string {
	missing, isMissing := errors.AsType[*missingRoleError](err)
	granted, isGranted := errors.AsType[*grantedError](err)
	foreign, isForeign := errors.AsType[*crossOriginError](err)
	switch {
	case isMissing:
		return missing.Error()
	case isGranted:
		return granted.Error()
	case isForeign:
		return foreign.Error()
	case errors.Is(err, errMissingScope):
		return errMissingScope.Error()
	case errors.Is(err, errHostNotAllowed):
		return errHostNotAllowed.Error()
	case errors.Is(err, errForbiddenPath):
		return errForbiddenPath.Error()
	}
	return ""
}

// limits maps errors to the limits that were exceeded.
var limits = []struct {
	err   error
	limit string
}{
	{runtime.ErrMemory, "memory of a script (TABCELL_MEMORY_LIMIT_MB)"},
	{runtime.ErrOutput, "response of a script (TABCELL_OUTPUT_LIMIT_MB)"},
	{runtime.ErrTimeout, "time of a script (TABPY_EVALUATE_TIMEOUT)"},
	{runtime.ErrBusy, "scripts that run and wait (TABCELL_CONCURRENCY, TABCELL_QUEUE)"},
	{errTablesFull, "tables in memory (TABCELL_FLIGHT_TABLES_MB)"},
	{errTableTooLarge, "size of a table (TABCELL_FLIGHT_TABLE_MB)"},
	{errBudgetExceeded, "bodies and responses in memory (TABPY_MAX_REQUEST_SIZE_MB)"},
	{errOverLimit, "size of a request (TABPY_MAX_REQUEST_SIZE_MB)"},
	{os.ErrDeadlineExceeded, "time of the transfer of a request"},
}

// limitOf returns the limit that err reports as exceeded, or "".
func limitOf(err error) string {
	if _, ok := errors.AsType[*bodyTooLargeError](err); ok {
		err = errOverLimit
	}
	for _, l := range limits {
		if errors.Is(err, l.err) {
			return l.limit
		}
	}
	return ""
}

// scriptSum returns the SHA-256 of the script in a body of /evaluate, in hex. It is "" if the
// body has none.
func scriptSum(body []byte) string {
	v, err := pyjson.Parse(body, "script")
	var script string
	if err != nil || json.Unmarshal(v.Members["script"], &script) != nil {
		return ""
	}
	return sumOf([]byte(script))
}

func sumOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}
