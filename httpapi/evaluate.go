package httpapi

import (
	"encoding/json"
	"net/http"
	"strings"

	"tabcell/runtime"
)

// evaluate handles POST /evaluate. It passes the body on as bytes, regardless of its Content-Type:
// the cell parses it and returns complete JSON.
func (a *API) evaluate(req *request) (response, error) {
	if !a.cfg.EvaluateEnabled {
		return response{}, errEvaluateDisabled
	}
	body, err := a.readBody(req)
	if err != nil {
		return response{}, err
	}
	req.logScript(body)
	req.script = body
	table, err := a.takeTable(req, body)
	switch {
	case err != nil:
		return response{}, err
	case table != nil:
		return a.evaluateTable(req, a.scriptCall(req, body), table)
	}
	result, err := a.runScript(req, a.scriptCall(req, body))
	return response{http.StatusOK, jsonPlain, result.Body}, err
}

// runScript runs a script and logs its output.
func (a *API) runScript(req *request, call runtime.Call) (runtime.Result, error) {
	result, err := a.deps.Evaluator.Evaluate(req.Request().Context(), call)
	req.timing = result.Timing
	req.noteScript(call.Body)
	req.logOutput(result.Output)
	return result, err
}

// evaluateFlags returns the flags of the route /evaluate. While evaluation is disabled, TabPy's
// response has no CORS headers.
func (a *API) evaluateFlags() int {
	if a.cfg.EvaluateEnabled {
		return withCORS | limitBody
	}
	return limitBody
}

// scriptCall returns a call for a script that the client sent, with the grants of its account.
func (a *API) scriptCall(req *request, body []byte) runtime.Call {
	call := a.call(req, body)
	call.Grants = a.scriptGrants(req)
	return call
}

// call returns a call of the evaluator with the given body, without grants.
func (a *API) call(req *request, body []byte) runtime.Call {
	return runtime.Call{
		ID:   req.id,
		Body: body,
		Context: runtime.CallContext{
			Protocol: a.cfg.Protocol,
			Port:     a.cfg.Port,
			Timeout:  json.Number(a.cfg.TimeoutText),
			Headers:  scriptHeaders(req.Request()),
		},
		Services: services{req: req},
		Account:  req.user.Account,
		Owner:    req.queueOwner(),
		Trace:    req.trace(),
	}
}

// secretHeaders are withheld from scripts.
//
// GAP: TabPy passes them on. But the author of the workbook writes the script, while the password
// or token belongs to the reader.
var secretHeaders = map[string]bool{"Authorization": true, "Cookie": true, "Proxy-Authorization": true, "X-Console-Csrf": true}

// scriptHeaders returns the request's headers as scripts see them: repeated headers joined, and
// Host included.
func scriptHeaders(r *http.Request) map[string]string {
	headers := make(map[string]string, len(r.Header)+1)
	for name, values := range r.Header {
		if !secretHeaders[name] {
			headers[name] = strings.Join(values, ",")
		}
	}
	headers["Host"] = r.Host
	return headers
}
