package httpapi

import (
	"encoding/json"
	"net/http"
	"strings"

	"tabcell/runtime"
)

// evaluate answers POST /evaluate. The body is handed on as bytes, whatever its Content-Type: the cell parses it, and what comes
// back is finished JSON.
func (a *API) evaluate(x *exchange) (answer, error) {
	if !a.cfg.EvaluateEnabled {
		return answer{}, errDisabled
	}
	body, err := a.readBody(x)
	if err != nil {
		return answer{}, err
	}
	x.logScript(body)
	result, err := a.deps.Evaluator.Evaluate(x.Request().Context(), a.call(x, body))
	x.timing = result.Timing
	x.logOutput(result.Output)
	if err != nil {
		return answer{}, err
	}
	_ = x.hold(int64(len(result.Body))) // it exists already: later requests are refused instead
	return answer{http.StatusOK, jsonPlain, result.Body}, nil
}

// evaluateFlags: TabPy's answer while evaluation is disabled comes before its CORS headers.
func (a *API) evaluateFlags() int {
	if a.cfg.EvaluateEnabled {
		return cors | limited
	}
	return limited
}

func (a *API) call(x *exchange, body []byte) runtime.Call {
	return runtime.Call{
		ID:   x.id,
		Body: body,
		Context: runtime.CallContext{
			Protocol: a.cfg.Protocol,
			Port:     a.cfg.Port,
			Timeout:  json.Number(a.cfg.TimeoutText),
			Headers:  scriptHeaders(x.Request()),
		},
		Services: services{x: x},
		Account:  x.user.Account,
		Trace:    x.trace(),
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
