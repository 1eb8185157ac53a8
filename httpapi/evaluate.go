package httpapi

import (
	"encoding/json"
	"net/http"
	"strings"

	"tabcell/runtime"
)

// evaluate answers POST /evaluate. The body is handed on as bytes, whatever its Content-Type: the cell parses it, and what comes
// back is finished JSON.
func (a *API) evaluate(req *request) (response, error) {
	if !a.cfg.EvaluateEnabled {
		return response{}, errEvaluateDisabled
	}
	body, err := a.readBody(req)
	if err != nil {
		return response{}, err
	}
	req.logScript(body)
	result, err := a.deps.Evaluator.Evaluate(req.Request().Context(), a.call(req, body))
	req.timing = result.Timing
	req.logOutput(result.Output)
	if err != nil {
		return response{}, err
	}
	_ = req.reserve(int64(len(result.Body))) // it exists already: later requests are refused instead
	return response{http.StatusOK, jsonPlain, result.Body}, nil
}

// evaluateFlags: TabPy's answer while evaluation is disabled comes before its CORS headers.
func (a *API) evaluateFlags() int {
	if a.cfg.EvaluateEnabled {
		return withCORS | limitBody
	}
	return limitBody
}

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
		Services: services{x: req},
		Account:  req.user.Account,
		Trace:    req.trace(),
	}
}

// secretHeaders are withheld from scripts. GAP: TabPy hands them on; but a script is the workbook author's, and the password or token
// in these headers is the reader's.
var secretHeaders = map[string]bool{"Authorization": true, "Cookie": true, "Proxy-Authorization": true}

// scriptHeaders are the request's headers as scripts see them: repeated ones joined, Host among them.
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
