package httpapi

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"tabcell/runtime"
	"tabcell/runtime/registry"
)

// consoleError is an entry of GET /errors.
type consoleError struct {
	ID, Class, Account, Endpoint, Route, Limit, Digest, Message, Traceback string
	Line, Status                                                           int
}

func (c *consoleClient) errors(query string) (list []consoleError, more bool) {
	c.t.Helper()
	var b struct {
		Errors []consoleError
		More   bool
	}
	c.decode(c.get("/errors"+query), &b)
	return b.Errors, b.More
}

func failing(err error) func(context.Context, runtime.Call, json.RawMessage) (runtime.Result, error) {
	return func(context.Context, runtime.Call, json.RawMessage) (runtime.Result, error) {
		return runtime.Result{}, err
	}
}

func TestConsoleErrors(t *testing.T) {
	for _, logScripts := range []bool{false, true} {
		s := newConsoleEndpointServer(t, permissionAuthenticator{}, func(c *Config) { c.LogScript = logScripts })
		s.engine.On("raise", failing(&runtime.ScriptError{Kind: runtime.KindScript, Class: "ValueError", Text: "salary 4711", Line: 3, Traceback: "tb 4711"}))
		s.engine.On("slow", failing(runtime.ErrTimeout))
		s.models.On("broken", addInfo, failing(&runtime.ScriptError{Kind: runtime.KindQuery, Class: "KeyError", Text: "'4711'", Line: 2}))
		if _, err := s.registry.Deploy(registry.Deployment{Name: "m", Code: registry.Code{Kind: registry.Source, Content: []byte("broken")}}); err != nil {
			t.Fatal(err)
		}
		raised := s.script("raise", asUser("e1")...)
		s.script("slow", asUser("e1")...).wantStatus(t, 408)
		s.do("POST", "/query/m", `{"data": [1, 2]}`, asUser("q1")...).wantStatus(t, 500)
		s.do("POST", "/query/none", `{"data": [1, 2]}`, asUser("q1")...).wantStatus(t, 404)
		s.script("return 1", asUser("q1")...).wantStatus(t, 403)
		s.script("raise").wantStatus(t, 401)

		list, more := s.consoleUser("a").errors("")
		if len(list) != 4 || more {
			t.Fatalf("%d entries: %+v", len(list), list)
		}
		if e := list[3]; e.ID != raised.Header.Get("X-Request-Id") || e.Class != "ValueError" || e.Line != 3 || e.Account != "e1" || e.Status != 500 || e.Route != "/evaluate" ||
			e.Digest != scriptSum([]byte(`{"script": "raise"}`))[:12] || e.Limit != "" {
			t.Errorf("the exception: %+v", e)
		}
		if e := list[2]; e.Class != "timeout" || e.Status != 408 || !strings.Contains(e.Limit, "TABPY_EVALUATE_TIMEOUT") {
			t.Errorf("the timeout: %+v", e)
		}
		if e := list[1]; e.Class != "KeyError" || e.Endpoint != "m" || e.Line != 2 || e.Account != "q1" {
			t.Errorf("the query: %+v", e)
		}
		if e := list[0]; e.Class != "refused" || e.Status != 404 || e.Endpoint != "none" {
			t.Errorf("the unknown endpoint: %+v", e)
		}
		body := s.consoleUser("a").get("/errors").body
		if strings.Contains(body, "4711") != logScripts || (list[3].Message == "salary 4711") != logScripts || (list[3].Traceback == "tb 4711") != logScripts {
			t.Errorf("with TABCELL_LOG_SCRIPTS %v: %s", logScripts, body)
		}
	}
}

// Without the role admin, an account sees only its own failures, also if it knows the call ID of
// another.
func TestConsoleErrorsOfOthers(t *testing.T) {
	s := newConsoleEndpointServer(t, permissionAuthenticator{}, nil)
	s.engine.On("raise", failing(&runtime.ScriptError{Kind: runtime.KindScript, Class: "ValueError"}))
	id := s.script("raise", asUser("e1")...).Header.Get("X-Request-Id")
	other := s.script("raise", asUser("e-x")...).Header.Get("X-Request-Id")
	c := s.consoleUser("e1")
	if list, _ := c.errors(""); len(list) != 1 || list[0].ID != id {
		t.Errorf("an account sees %+v", list)
	}
	if list, _ := c.errors("?search=e-x"); len(list) != 0 {
		t.Errorf("a search finds %+v", list)
	}
	var e consoleError
	c.decode(c.get("/errors/"+id[:8]), &e)
	if e.ID != id {
		t.Errorf("the beginning of the call ID finds %+v", e)
	}
	for _, id := range []string{other, other[:8], id[:7], "00000000"} {
		c.get("/errors/"+id).wantError(t, 404, "not_found", "call ID")
	}
	admin := s.consoleUser("a")
	admin.get("/errors/"+other).wantStatus(t, 200)
	admin.get("/errors/"+strings.ToUpper(other[:8])).wantStatus(t, 200)
	if list, _ := admin.errors("?before=" + other); len(list) != 1 || list[0].ID != id {
		t.Errorf("the next page has %+v", list)
	}
}

// The failures of requests without valid credentials are not in the list: there is no account to
// show them to.
func TestConsoleErrorsWithoutAccount(t *testing.T) {
	s := newConsoleEndpointServer(t, permissionAuthenticator{}, nil)
	s.script("x").wantStatus(t, 401)
	s.do("POST", "/evaluate", "{", asUser("q")...).wantStatus(t, 403)
	s.do("GET", "/nothing", "").wantStatus(t, 404)
	if list, _ := s.consoleUser("a").errors(""); len(list) != 0 {
		t.Errorf("%+v", list)
	}
}

// A deployment that fails is in the list, with the line.
func TestConsoleErrorsOfDeployments(t *testing.T) {
	s := newConsoleEndpointServer(t, permissionAuthenticator{}, nil)
	s.models.Fail("bad", &runtime.ModelError{Class: "SyntaxError", Text: "invalid", Line: 3})
	c := s.consoleUser("d")
	c.send("POST", "/endpoints?name=m", "bad").wantStatus(t, 422)
	s.do("PUT", "/endpoints/n/source", "bad", asUser("d")...).wantStatus(t, 422)
	list, _ := c.errors("")
	if len(list) != 2 || list[1].Class != "SyntaxError" || list[1].Line != 3 || list[1].Endpoint != "m" || list[1].Status != 422 || list[0].Line != 3 {
		t.Errorf("%+v", list)
	}
}

func TestFirstLineOf(t *testing.T) {
	for script, want := range map[string]string{
		"": "", "\n\n": "", "\n  import x  \ny": "import x", "a\x1b[31mb": "a[31mb", strings.Repeat("x", 500): strings.Repeat("x", maxFirstLine) + "...",
	} {
		if got := firstLineOf(script); got != want {
			t.Errorf("%q: %q, want %q", script, got, want)
		}
	}
}
