package console

import (
	"bufio"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/cmd/tabcell/internal/testenv"
)

// runResult is a part of the response to a script or a query.
type runResult struct {
	ID    string
	Value any
	Error *struct {
		Class, Message string
		Line           int
	}
}

// TestScriptByHTTP runs scripts as the playground does, and finds the error of one in the list.
func TestScriptByHTTP(t *testing.T) {
	c := newClient(t, harness.StartServer(t, allRoles).URL)
	script := map[string]any{"kind": "script", "function": "SCRIPT_REAL", "script": "return [2 * x for x in _arg1]", "args": [][]int{{1, 2}}}
	var result runResult
	c.call(http.MethodPost, "run", script, http.StatusOK, &result)
	if got := fmt.Sprint(result.Value); got != "[2 4]" || result.Error != nil {
		t.Errorf("got %s, %+v", got, result.Error)
	}
	script["script"] = "a = 1\nreturn a / 0"
	c.call(http.MethodPost, "run", script, http.StatusOK, &result)
	if result.Error == nil || result.Error.Class != "ZeroDivisionError" || result.Error.Line != 2 {
		t.Fatalf("the error is %+v", result.Error)
	}
	var entry struct{ Class string }
	c.call(http.MethodGet, "errors/"+result.ID, nil, http.StatusOK, &entry)
	if entry.Class != "ZeroDivisionError" {
		t.Errorf("the entry of %s is %+v", result.ID, entry)
	}
}

// TestEndpointByHTTP deploys, queries, rolls back and removes an endpoint.
func TestEndpointByHTTP(t *testing.T) {
	c := newClient(t, harness.StartServer(t, allRoles).URL)
	var refused struct {
		Load *struct {
			Class string
			Line  int
		} `json:"load_error"`
	}
	c.call(http.MethodPost, "endpoints?name=f", "x = 1\nimport nosuch\n", http.StatusUnprocessableEntity, &refused)
	if refused.Load == nil || refused.Load.Class != "ModuleNotFoundError" || refused.Load.Line != 2 {
		t.Errorf("the load error is %+v", refused.Load)
	}
	c.call(http.MethodPost, "endpoints?name=f", "def f(x): return [2 * v for v in x]\n", http.StatusCreated, nil)
	c.call(http.MethodPost, "endpoints?name=f", "def f(x): return x\n", http.StatusConflict, nil)
	c.call(http.MethodPost, "endpoints?name=f&replace=true", "def f(x): return [3 * v for v in x]\n", http.StatusCreated, nil)
	expectQuery(c, "[21]")
	c.call(http.MethodPost, "endpoints/f/rollback", map[string]int{"version": 1}, http.StatusOK, nil)
	expectQuery(c, "[14]")
	c.call(http.MethodDelete, "endpoints/f", map[string]string{"confirm": "g"}, http.StatusBadRequest, nil)
	c.call(http.MethodDelete, "endpoints/f", map[string]string{"confirm": "f"}, http.StatusNoContent, nil)
	c.call(http.MethodGet, "endpoints/f", nil, http.StatusNotFound, nil)
}

func expectQuery(c *client, want string) {
	c.t.Helper()
	var result runResult
	c.call(http.MethodPost, "endpoints/f/query", map[string]any{"args": map[string][]int{"x": {7}}}, http.StatusOK, &result)
	if got := fmt.Sprint(result.Value); got != want {
		c.t.Errorf("the query returned %s, want %s (%+v)", got, want, result.Error)
	}
}

// TestResourcesByHTTP reads what the other pages show.
func TestResourcesByHTTP(t *testing.T) {
	server := harness.StartServer(t, allRoles)
	c := newClient(t, server.URL)
	for _, path := range []string{
		"endpoints", "load", "errors", "admin/settings", "admin/libraries", "admin/doctor", "admin/audit", "admin/certificates", "admin/accounts",
		"manual", "manual?search=proxy", "manual/models", "openapi.json",
	} {
		var members map[string]any
		if c.call(http.MethodGet, path, nil, http.StatusOK, &members); len(members) == 0 {
			t.Errorf("%s is empty", path)
		}
	}
	stream, err := testenv.AnyCertificate.Get(server.URL + "/console/api/v1/load/events")
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Body.Close()
	for lines := bufio.NewScanner(stream.Body); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "event: load") {
			return
		}
	}
	t.Error("the stream ended without an event")
}
