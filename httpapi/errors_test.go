package httpapi

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"tabcell/runtime"
)

// errorCase is an error and the response to it. An empty body stands for the error page of the
// status.
type errorCase struct {
	err    error
	status int
	body   string
}

var errorCases = []errorCase{
	{echo.ErrNotFound, 404, ""},
	{echo.ErrMethodNotAllowed, 405, ""},
	{errForbiddenPath, 403, ""},
	{errPathEncoding, 400, ""},
	{errHostNotAllowed, 403, ""},
	{errOptionsFails, 500, ""},
	{errHandlerPanic, 500, ""},
	{errors.New("unexpected"), 500, ""},
	{context.Canceled, 500, ""},

	{errUnexpectedCredentials, 406, `{"message": "Username or password provided when authentication not available.", "info": "Not Acceptable"}`},
	{&UnauthorizedError{"Wrong password"}, 401, `{"message": "Invalid credentials provided.", "info": "Unauthorized request."}`},
	{errMissingScope, 403, `{"message": "Token is missing a required endpoint scope.", "info": "Forbidden request."}`},
	{&CertificateError{"The client certificate names no account."}, 403, `{"message": "The client certificate names no account.", "info": "Forbidden request."}`},
	{&missingRoleError{RoleDeploy, true}, 403, `{"message": "This request requires the role \"deploy\".", ` +
		`"info": "Forbidden request: an administrator can grant it to this account in the file of TABCELL_ROLES_FILE."}`},
	{&grantedError{missingRoleError{RoleGrant, true}, "m", "geo, lookup"}, 403, `{"message": "Deploying the code of m requires the role \"grant\".", ` +
		`"info": "The endpoint has the grants geo, lookup. An administrator can grant it to this account in the file of TABCELL_ROLES_FILE."}`},
	{&missingRoleError{RoleAdmin, false}, 403, `{"message": "This request requires the role \"admin\".", ` +
		`"info": "Forbidden request: clients without an account do not have it (TABCELL_DEFAULT_ROLES)."}`},
	{&UnavailableError{"The cluster has no leader."}, 503, `{"message": "The endpoints cannot be changed at the moment.", "info": "The cluster has no leader."}`},
	{&UnclearError{"the connection was lost"}, 504, `{"message": "The change may or may not have been made. ` +
		`Look at the endpoint, and repeat the change if necessary.", "info": "the connection was lost"}`},
	{&auditError{errors.New("disk full")}, 507, `{"message": "The audit trail cannot be written, so nothing was changed.", ` +
		`"info": "Try again after an administrator has made room for it (TABCELL_AUDIT)."}`},
	{&ThrottledError{"x", time.Second}, 429, `{"message": "Too many failed sign-ins from this address.", "info": "Please try again later."}`},
	{&bodyTooLargeError{1048577, 1048576}, 413,
		`{"message": "Request with size 1048577 exceeded limit of 1048576 (bytes).", "info": "Request Entity Too Large"}`},
	{&bodyReadError{os.ErrDeadlineExceeded}, 408, `{"message": "The request body did not arrive in time.", "info": {}}`},
	{&bodyReadError{errors.New("gzip: x")}, 400, `{"message": "The request body could not be read.", "info": "gzip: x"}`},
	{errBudgetExceeded, 503, `{"message": "The server is busy.", "info": "The request bodies and responses in memory reached their limit of 800 MB (TABCELL_BUFFER_MB)."}`},
	{&lostResponseError{errBudgetExceeded}, 507, `{"message": "The request was carried out, but there was no memory for its response.", "info": "The request bodies and responses in memory reached their limit of 800 MB (TABCELL_BUFFER_MB)."}`},
	{errShareExceeded, 503, `{"message": "The server is busy.", "info": "The request bodies and responses of this client in memory reached its share of ` +
		`their limit of 800 MB (TABCELL_BUFFER_MB)."}`},
	{&tableTooLargeError{256 << 20}, 500, `{"message": "Error processing script", ` +
		`"info": "OverflowError : the table exceeds the limit of 256 MB (TABCELL_FLIGHT_TABLE_MB)"}`},
	{&tablesFullError{limit: 400 << 20}, 503, `{"message": "The server is busy.", ` +
		`"info": "the tables in memory reached their limit of 400 MB (TABCELL_FLIGHT_TABLES_MB)."}`},
	{&tablesFullError{limit: 400 << 20, share: true}, 503, `{"message": "The server is busy.", ` +
		`"info": "the tables of this client in memory reached its share of their limit of 400 MB (TABCELL_FLIGHT_TABLES_MB)."}`},
	{errEvaluateDisabled, 404,
		`{"message": "Ad-hoc scripts have been disabled on this analytics extension, please contact your administrator.", "info": {}}`},
	{errDeployUnavailable, 501,
		`{"message": "This server does not store endpoints; an administrator can enable it with TABCELL_MODELS_PATH.", "info": {}}`},
	{runtime.ErrNoModels, 501, `{"message": "This server cannot run deployed models.", "info": {}}`},
	{&tabpyError{400, "endpoint x already exists.", emptyObject{}}, 400, `{"message": "endpoint x already exists.", "info": {}}`},
	{&unloadableError{&runtime.ModelError{Class: "SyntaxError", Text: "x"}}, 422,
		`{"message": "The model cannot be loaded, and nothing was changed.", "info": "SyntaxError : x"}`},

	{&queryBodyError{"RuntimeError : Input data must be a dictionary"}, 400, `{"message": "RuntimeError : Input data must be a dictionary", "info": {}}`},
	{&queryFailedError{uri: "m", text: "ValueError : é"}, 500,
		`{"message": "Error querying function 'm'", "info": {"uri": "m", "error": "ValueError : \u00e9", "type": "QueryFailed"}}`},
	{&unknownEndpointError{name: "é"}, 404, `{"message": "Unknown endpoint", "info": "Endpoint \u00e9 is not found"}`},
	{&unknownEndpointError{name: "none", query: true}, 404, `{"message": "UnknownURI", "info": "Endpoint 'none' does not exist"}`},

	{&crossOriginError{"https://evil.example"}, 403, `{"message": "Cross-origin request refused.", "info": "a web page of the origin ` +
		`\"https://evil.example\" sent the request; to trust it, set Access-Control-Allow-Origin in state.ini to this origin"}`},
	{runtime.ErrTimeout, 408, `{"message": "User defined script timed out. Timeout is set to 30 s.", "info": {}}`},
	{&runtime.ScriptError{Kind: runtime.KindTimeout, Class: "TimeoutError"}, 408,
		`{"message": "User defined script timed out. Timeout is set to 30 s.", "info": {}}`},
	{&runtime.ScriptError{Kind: runtime.KindEmpty}, 400, `{"message": "Script is empty.", "info": {}}`},
	{&runtime.ScriptError{Kind: runtime.KindData}, 400,
		`{"message": "Script parameters need to be provided as a dictionary.", "info": {}}`},
	{&runtime.ScriptError{Kind: runtime.KindNames}, 400,
		`{"message": "Variables names should follow the format _arg1, _arg2, _argN", "info": {}}`},
	{&runtime.ScriptError{Kind: runtime.KindNoResponse, Class: "KeyError", Text: "'response'"}, 404,
		`{"message": "Error processing script", "info": "The endpoint you're trying to query did not respond. Please make sure the ` +
			`endpoint exists and the correct set of arguments are provided."}`},
	{&runtime.ScriptError{Kind: runtime.KindScript, Class: "ValueError", Text: "boom é\n\"\x00"}, 500,
		`{"message": "Error processing script", "info": "ValueError : boom \u00e9\n\"\u0000"}`},
	{&runtime.ScriptError{Kind: runtime.KindScript, Class: "ValueError"}, 500,
		`{"message": "Error processing script", "info": "ValueError : "}`},
	{runtime.ErrMemory, 500,
		`{"message": "Error processing script", "info": "MemoryError : the script exceeded its memory limit of 1024 MB (TABCELL_MEMORY_LIMIT_MB)"}`},
	{runtime.ErrOutput, 500,
		`{"message": "Error processing script", "info": "OverflowError : the script's response exceeds the limit of 256 MB (TABCELL_OUTPUT_LIMIT_MB)"}`},
	{runtime.ErrCrash, 500, `{"message": "Error processing script", "info": "SystemError : the script's cell crashed"}`},
	{runtime.ErrBusy, 503, `{"message": "The server is busy.", "info": "All cells are running and the queue is full (TABCELL_CONCURRENCY, TABCELL_QUEUE)."}`},
	{runtime.ErrClosed, 503, `{"message": "The server is shutting down.", "info": {}}`},
	{&runtime.PreparingError{Guest: "core", Left: 11500 * time.Millisecond}, 503, `{"message": "preparing the Python guest, about 12 s left", ` +
		`"info": "Python and its libraries are compiled once, at the first start after an installation or an update; please try again then."}`},
}

// The errors are wrapped and pass through a real request.
func TestErrorResponses(t *testing.T) {
	srv := newTestServer(t, nil)
	for _, c := range errorCases {
		t.Run(c.err.Error(), func(t *testing.T) {
			srv.engine.On("fail", func(context.Context, runtime.Call, jsonText) (runtime.Result, error) {
				return runtime.Result{}, fmt.Errorf("call: %w", c.err)
			})
			got := srv.script("fail")
			if c.err == echo.ErrNotFound { // the static files then answer POST with 405
				c.status = 405
			}
			if c.body == "" {
				got.want(t, c.status, pageText(c.status))
				got.wantHeader(t, "Content-Type", "text/html; charset=UTF-8")
				return
			}
			got.want(t, c.status, c.body)
			got.wantHeader(t, "Content-Type", "application/json")
		})
	}
}

// Every rule must be tested by one of the cases above.
func TestErrorRulesAreTested(t *testing.T) {
	reached := map[int]bool{}
	for _, c := range errorCases {
		for i, r := range errorRules {
			if r.matches(c.err) {
				reached[i] = true
				break
			}
		}
	}
	for i := range errorRules {
		if !reached[i] {
			t.Errorf("no test case matches rule %d", i)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	srv := newTestServer(t, nil)
	for after, want := range map[time.Duration]string{0: "1", time.Millisecond: "1", 2 * time.Second: "2", 2001 * time.Millisecond: "3",
		1000 * time.Hour: "3600"} {
		srv.engine.On("fail", func(context.Context, runtime.Call, jsonText) (runtime.Result, error) {
			return runtime.Result{}, &runtime.BusyError{RetryAfter: after}
		})
		got := srv.script("fail")
		if got.StatusCode != 503 || got.Header.Get("Retry-After") != want {
			t.Errorf("RetryAfter %v: got %d, Retry-After %q; want 503, %q", after, got.StatusCode, got.Header.Get("Retry-After"), want)
		}
	}
}

// While a guest is being prepared, clients learn when to try again, and never that the server is
// busy.
func TestPreparing(t *testing.T) {
	srv := newTestServer(t, nil)
	for left, want := range map[time.Duration]struct{ message, retry string }{
		0:                        {"the Python guest is being prepared", "5"},
		200 * time.Millisecond:   {"preparing the Python guest, about 1 s left", "1"},
		41 * time.Second:         {"preparing the Python guest, about 41 s left", "41"},
		12001 * time.Millisecond: {"preparing the Python guest, about 13 s left", "13"},
	} {
		srv.engine.On("early", func(context.Context, runtime.Call, jsonText) (runtime.Result, error) {
			return runtime.Result{}, &runtime.PreparingError{Guest: "core", Left: left}
		})
		got := srv.script("early")
		got.want(t, 503, `{"message": "`+want.message+`", "info": "`+preparingInfo+`"}`)
		got.wantHeader(t, "Retry-After", want.retry)
	}
}

func TestBusyReason(t *testing.T) {
	a, err := New(Config{}, Deps{})
	if err != nil {
		t.Fatal(err)
	}
	for owner, want := range map[string]string{
		"address 192.0.2.1": "The address 192.0.2.1 has 9 scripts in the queue",
		"account Basic ann": "This account has 9 scripts in the queue",
	} {
		got := a.failureOf(&runtime.BusyError{Owner: owner, Share: 9, RetryAfter: time.Second})
		if got.status != 503 || got.retryAfter != 1 || !strings.HasPrefix(got.info.(string), want) {
			t.Errorf("BusyError of %s became %+v", owner, got)
		}
	}
	if got := a.failureOf(&runtime.BusyError{}); got.info != "All cells are running and the queue is full (TABCELL_CONCURRENCY, TABCELL_QUEUE)." {
		t.Errorf("BusyError without a reason became %+v", got)
	}
}

func TestTimeoutMessage(t *testing.T) {
	for timeout, want := range map[time.Duration]string{0: "30", 30 * time.Second: "30.0", 1500 * time.Millisecond: "1.5", 3 * time.Second: "3.0"} {
		a, err := New(Config{Timeout: timeout}, Deps{})
		if err != nil {
			t.Fatal(err)
		}
		want = "User defined script timed out. Timeout is set to " + want + " s."
		if got := a.failureOf(runtime.ErrTimeout).message; got != want {
			t.Errorf("timeout %v: message %q, want %q", timeout, got, want)
		}
	}
}

// The text of an exception may have any length, but the response is limited.
func TestInfoIsTruncated(t *testing.T) {
	srv := newTestServer(t, nil)
	srv.engine.On("fail", func(context.Context, runtime.Call, jsonText) (runtime.Result, error) {
		return runtime.Result{}, &runtime.ScriptError{Kind: runtime.KindScript, Class: "E", Text: strings.Repeat("é", 5<<20)}
	})
	got := srv.script("fail")
	if got.StatusCode != 500 || len(got.body) > 4*maxInfo || !strings.HasSuffix(got.body, `... (cut; 10485764 bytes in all)"}`) {
		t.Errorf("status %d, %d bytes, ending in %q", got.StatusCode, len(got.body), got.body[max(0, len(got.body)-80):])
	}
}

func TestTruncateKeepsCharacters(t *testing.T) {
	for n := range 4 {
		text := strings.Repeat("a", n) + strings.Repeat("😀", maxInfo)
		got := truncate(text)
		if strings.ContainsRune(got, '\ufffd') || len(got) > maxInfo+64 || !strings.HasPrefix(text, got[:maxInfo-4]) {
			t.Errorf("offset %d: truncated to %d bytes, ending in %q", n, len(got), got[len(got)-60:])
		}
	}
}

func TestFormatBytes(t *testing.T) {
	for n, want := range map[uint64]string{1 << 30: "1024 MB", 64 << 20: "64 MB", 64 << 10: "64 KB", 1500: "1500 bytes", 1<<20 + 1: "1048577 bytes"} {
		if got := formatBytes(n); got != want {
			t.Errorf("formatBytes(%d) = %s, want %s", n, got, want)
		}
	}
}
