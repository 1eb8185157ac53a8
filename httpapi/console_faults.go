package httpapi

import (
	"errors"
	"slices"

	"tabcell/httpapi/console"
	"tabcell/httpapi/console/faults"
	"tabcell/runtime"
)

// failingRoutes are the routes whose failures the console lists: those that run scripts and models,
// and those that deploy models.
var failingRoutes = append([]string{
	"/endpoints", "/endpoints/:name", "/endpoints/:name/source", "/endpoints/:name/archive", "/endpoints/:name/rollback",
	console.RunRoute, console.QueryRoute, console.DeployRoute,
}, cellRoutes...)

// failedCall returns the error of a request that the console lists, or nil. Refused clients are in
// the audit trail instead: they have no account to show the failure to, and they could drive out the
// failures of others.
func (req *request) failedCall() error {
	err := req.err
	if err == nil {
		err = req.callErr
	}
	_, unauthorized := errors.AsType[*UnauthorizedError](err)
	_, throttled := errors.AsType[*ThrottledError](err)
	_, certificate := errors.AsType[*CertificateError](err)
	if err == nil || unauthorized || throttled || certificate || req.clientGone || errors.Is(err, errUnexpectedCredentials) || refusalOf(err) != "" {
		return nil
	}
	if !slices.Contains(failingRoutes, req.route) {
		return nil
	}
	return err
}

// fault returns the entry for a failed request. It has no data: the texts of exceptions are in it
// only if LogScript is set, as in the log.
func (req *request) fault(err error) faults.Entry {
	status := req.status()
	if req.err == nil { // of the console: the response describes the failure
		status = req.api.failureOf(err).status
	}
	e := faults.Entry{
		ID: req.id, Time: req.started, Account: req.shownAccount(), Owner: owner(req), Endpoint: sanitize(req.endpoint, maxLoggedName), Route: req.route,
		Status: status, Limit: limitOf(err), Digest: req.noted.digest,
	}
	message, traceback := "", ""
	if script, ok := errors.AsType[*runtime.ScriptError](err); ok {
		e.Class, e.Line, message, traceback = script.Class, script.Line, script.Text, script.Traceback
	} else if model, ok := errors.AsType[*runtime.ModelError](err); ok {
		e.Class, e.Line, message, traceback = model.Class, model.Line, model.Text, model.Traceback
	}
	if e.Class == "" {
		e.Class = outcomeOf(err, status)
	}
	if e.Class = sanitize(e.Class, maxLoggedName); req.api.cfg.LogScript {
		e.Message, e.Traceback = message, traceback
	}
	return e
}
