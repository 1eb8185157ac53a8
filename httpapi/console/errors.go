package console

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Error is an error that the console itself reports. The text of other errors is that of the
// server's API; see Exchange.Describe.
type Error struct {
	Status     int
	Code       string // one of those in openapi.json
	Message    string // what failed, with the value
	Advice     string // what to do; may be ""
	Limit      int64  // the limit that was exceeded, or 0
	Value      int64  // the value that exceeded it, or 0
	Setting    string // the setting that changes the limit, or ""
	RetryAfter time.Duration
}

func (e *Error) Error() string { return e.Message }

// TooLargeError reports a body that has more bytes than the limit. Size is 0 if it is unknown.
type TooLargeError struct{ Size, Limit int64 }

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("the request has %d bytes and exceeds the limit of %d", e.Size, e.Limit)
}

// badRequest returns an error for a request that cannot be understood.
func badRequest(format string, args ...any) *Error {
	return &Error{Status: http.StatusBadRequest, Code: "bad_request", Message: fmt.Sprintf(format, args...)}
}

// notFound returns an error for something that does not exist, such as `endpoint "a"`.
func notFound(what string) *Error {
	return &Error{Status: http.StatusNotFound, Code: "not_found", Message: "There is no " + what + "."}
}

// unavailable handles the resources that this server does not have.
func unavailable(*Request) (Response, error) {
	return Response{}, &Error{Status: http.StatusNotImplemented, Code: "unavailable", Message: "This server does not have this part of the console."}
}

// codes has the codes of errors from the server's API, by their status.
var codes = map[int]string{
	400: "bad_request", 401: "wrong_credentials", 403: "forbidden", 404: "not_found", 405: "method", 406: "authentication_off", 408: "timeout",
	409: "conflict", 413: "too_large", 422: "unloadable", 429: "throttled", 501: "unavailable", 503: "busy", 507: "storage",
}

// describe returns err as an Error.
func describe(x Exchange, err error) *Error {
	if own, ok := errors.AsType[*Error](err); ok {
		return own
	}
	if large, ok := errors.AsType[*TooLargeError](err); ok {
		return tooLarge(large)
	}
	f := x.Describe(err)
	e := &Error{Status: f.Status, Code: codes[f.Status], Message: f.Message, Advice: f.Advice, RetryAfter: f.RetryAfter}
	switch e.Code {
	case "":
		e.Code = "internal"
	case "wrong_credentials":
		e.Message, e.Advice = "The name, the password or the token is wrong.", ""
	}
	if e.Message == "" {
		e.Message = http.StatusText(f.Status) + "."
	}
	return e
}

func tooLarge(e *TooLargeError) *Error {
	subject := "The request"
	if e.Size > 0 {
		subject = fmt.Sprintf("The request has %d bytes. It", e.Size)
	}
	return &Error{
		Status: http.StatusRequestEntityTooLarge, Code: "too_large", Limit: e.Limit, Value: e.Size, Setting: "TABCELL_MAX_REQUEST_SIZE_MB",
		Message: fmt.Sprintf("%s exceeds the console's limit of %d bytes.", subject, e.Limit),
		Advice:  "Use fewer rows, or send them to /evaluate. The limit is 32 MiB, or TABCELL_MAX_REQUEST_SIZE_MB if that is less.",
	}
}

// errorBody is the body of a response with an error.
type errorBody struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Advice  string `json:"advice"`
	Limit   int64  `json:"limit,omitempty"`
	Value   int64  `json:"value,omitempty"`
	Setting string `json:"setting,omitempty"`
	Call    string `json:"call"`
}

// response returns the response that reports e.
func (e *Error) response(call string) Response {
	body := errorBody{e.Code, e.Message, e.Advice, e.Limit, e.Value, e.Setting, call}
	r := jsonResponse(e.Status, map[string]errorBody{"error": body})
	if e.RetryAfter > 0 {
		r.Header.Set("Retry-After", strconv.Itoa(max(1, int(min(e.RetryAfter.Seconds()+0.999, 3600)))))
	}
	return r
}

// jsonResponse returns a response with v as JSON. It panics if v has no JSON, which a value of the
// types in this package always has.
func jsonResponse(status int, v any) Response {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return Response{Status: status, ContentType: "application/json", Body: body, Header: http.Header{"Cache-Control": {"no-store"}}}
}
