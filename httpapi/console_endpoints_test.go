package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime/multipart"
	"strings"
	"testing"

	"tabcell/httpapi/console"
	"tabcell/runtime"
	"tabcell/runtime/registry"
	"tabcell/runtime/runtimetest"
)

type endpointPage struct {
	Endpoints []console.Endpoint
	Total     int
}

func TestConsoleEndpointList(t *testing.T) {
	s := newConsoleEndpointServer(t, nil, nil)
	s.models.Fail("bad", &runtime.ModelError{Class: "SyntaxError", Text: "invalid syntax (<string>, line 3)", Line: 3})
	s.models.On("raises", addInfo, func(context.Context, runtime.Call, json.RawMessage) (runtime.Result, error) {
		return runtime.Result{}, &runtime.ScriptError{Kind: runtime.KindQuery, Class: "ValueError", Text: "x"}
	})
	for name, code := range map[string]string{"Sales": "add", "churn": "bad", "fails": "raises"} {
		d := registry.Deployment{Name: name, Code: registry.Code{Kind: registry.Source, Content: []byte(code)}}
		d.Description = "the " + name + " " + strings.Repeat("é", 1000)
		if _, err := s.registry.Deploy(d); err != nil {
			t.Fatal(err)
		}
	}
	s.do("POST", "/endpoints", `{"name": "alias", "type": "alias", "target": "Sales"}`).wantStatus(t, 201)
	s.api.LoadModels(context.Background())
	for range 3 {
		s.do("POST", "/query/Sales", `{"data": [1, 2]}`).wantStatus(t, 200)
		s.do("POST", "/query/fails", `{"data": [1, 2]}`).wantStatus(t, 500)
	}
	c := s.consoleUser("")
	var all endpointPage
	c.decode(c.get("/endpoints"), &all)
	found := map[string]console.Endpoint{}
	for _, e := range all.Endpoints {
		found[e.Name] = e
		if len(e.Description) > 310 {
			t.Errorf("%s: the description has %d bytes", e.Name, len(e.Description))
		}
	}
	if e := found["Sales"]; all.Total != 4 || e.State != loadSuccessful || e.Calls != 3 || e.Errors != 0 || e.LastUsed == nil || e.P50 <= 0 || e.P99 < e.P50 || e.Version != 1 {
		t.Errorf("%d endpoints; Sales: %+v", all.Total, e)
	}
	if e := found["alias"]; e.Type != "alias" || e.Target != "Sales" || e.Calls != 3 {
		t.Errorf("alias: %+v", e)
	}
	if e := found["fails"]; e.Calls != 3 || e.Errors != 3 {
		t.Errorf("fails: %+v", e)
	}
	if e := found["churn"]; e.State != loadFailed || !strings.Contains(e.Error, "line 3") {
		t.Errorf("churn: %+v", e)
	}
	var some endpointPage
	c.decode(c.get("/endpoints?search=SALES"), &some)
	if some.Total != 1 || some.Endpoints[0].Name != "Sales" {
		t.Errorf("the search found %+v", some)
	}
	c.decode(c.get("/endpoints?search=nothing"), &some)
	if some.Total != 0 || len(some.Endpoints) != 0 {
		t.Errorf("a search for nothing found %+v", some)
	}
	c.get("/endpoints?search="+strings.Repeat("x", 201)).wantError(t, 400, "bad_request", "201 bytes; the limit is 200")
}

// A list never has more than its limit, however many endpoints there are.
func TestConsoleEndpointListIsBounded(t *testing.T) {
	s := newConsoleEndpointServer(t, nil, nil)
	list, total := consoleEndpoints{s.api}.List("", 1)
	if len(list) != 0 || total != 0 {
		t.Errorf("an empty list: %d of %d", len(list), total)
	}
	for i := range 5 {
		if _, err := s.registry.Deploy(registry.Deployment{Name: fmt.Sprint("m", i), Code: registry.Code{Kind: registry.Source, Content: []byte("add")}}); err != nil {
			t.Fatal(err)
		}
	}
	if list, total := (consoleEndpoints{s.api}).List("M", 3); len(list) != 3 || total != 5 || list[0].Name != "m0" {
		t.Errorf("%d of %d: %+v", len(list), total, list)
	}
}

func TestConsoleEndpointDetail(t *testing.T) {
	s := newConsoleEndpointServer(t, permissionAuthenticator{}, func(c *Config) { c.Subdirectory = "sub" })
	for range 2 {
		d := registry.Deployment{Name: "my m", Author: "ann", Replace: true, Code: registry.Code{Kind: registry.Source, Content: []byte("add")}}
		if _, err := s.registry.Deploy(d); err != nil {
			t.Fatal(err)
		}
	}
	s.api.LoadModels(context.Background())
	var e console.EndpointDetail
	deployer := s.consoleUser("d")
	deployer.decode(deployer.get("/endpoints/my%20m"), &e)
	if e.Source != "add" || !strings.HasPrefix(e.Usage.Formula, "SCRIPT_") || !strings.Contains(e.Usage.Curl, "/sub/query/my%20m") || string(e.Schema) != "null" ||
		len(e.Versions) != 2 || !e.Versions[0].Current || e.Versions[1].Current || e.Versions[0].Author != "ann" || len(e.Parameters) != 2 || e.LoadError != nil {
		t.Errorf("%+v", e)
	}
	if got := fmt.Sprint(e.Methods); got != "[deploy rollback remove]" {
		t.Errorf("a user who may deploy has %s", got)
	}
	var other console.EndpointDetail
	reader := s.consoleUser("q")
	reader.decode(reader.get("/endpoints/my%20m"), &other)
	if other.Source != "" || fmt.Sprint(other.Methods) != "[query]" {
		t.Errorf("a user who may query sees the source %q and the methods %v", other.Source, other.Methods)
	}
	reader.get("/endpoints/missing").wantError(t, 404, "not_found", `endpoint "missing"`)
	reader.get("/endpoints/"+strings.Repeat("x", 5000)).wantError(t, 404, "not_found", "x...")
}

// A source that is too large for a page is only in the download.
func TestConsoleLargeSource(t *testing.T) {
	s := newConsoleEndpointServer(t, nil, nil)
	large := strings.Repeat("#", maxShownSource+1)
	for name, code := range map[string]string{"large": large, "fits": large[1:]} {
		if _, err := s.registry.Deploy(registry.Deployment{Name: name, Code: registry.Code{Kind: registry.Source, Content: []byte(code)}}); err != nil {
			t.Fatal(err)
		}
	}
	c := consoleEndpoints{s.api}
	if e, _ := c.Get("large", console.URL{}, true); e.Source != "" {
		t.Errorf("a source of %d bytes is shown", len(e.Source))
	}
	if e, _ := c.Get("fits", console.URL{}, true); len(e.Source) != maxShownSource {
		t.Errorf("a source of the largest size has %d bytes", len(e.Source))
	}
}

func TestConsoleDeploy(t *testing.T) {
	s := newConsoleEndpointServer(t, permissionAuthenticator{}, nil)
	c := s.consoleUser("d")
	s.models.Fail("bad", &runtime.ModelError{Class: "SyntaxError", Text: "invalid syntax", Line: 3, Traceback: "File <string>, line 3"})
	s.models.Fail("slow", runtime.ErrTimeout)
	s.models.On("\x80\x04archive", addInfo, runtimetest.Returns("1"))

	c.send("POST", "/endpoints?name=m&description=first", "add").wantStatus(t, 201)
	c.send("POST", "/endpoints?name=m", "add").wantError(t, 409, "conflict", "exists already")
	if e, _ := s.registry.Get("m"); e.Description != "first" || e.Version != 1 || e.Current().Author != "d" || e.Current().Kind != registry.Source {
		t.Errorf("%+v", e)
	}
	c.send("POST", "/endpoints?name=m&replace=true", "\x80\x04archive").wantStatus(t, 201)
	if e, _ := s.registry.Get("m"); e.Description != "first" || e.Version != 2 || e.Current().Kind != registry.Pickle {
		t.Errorf("%+v", e)
	}
	var failed struct {
		LoadError console.LoadError `json:"load_error"`
	}
	r := c.send("POST", "/endpoints?name=m&replace=true", "bad")
	r.wantError(t, 422, "unloadable", "nothing was changed")
	c.decode(r, &failed)
	if failed.LoadError != (console.LoadError{Class: "SyntaxError", Message: "invalid syntax", Line: 3, In: "script", Traceback: "File <string>, line 3"}) {
		t.Errorf("%+v", failed)
	}
	r = c.send("POST", "/endpoints?name=new", "slow")
	r.wantError(t, 422, "unloadable", "nothing was changed")
	c.decode(r, &failed)
	if failed.LoadError.In != "server" || failed.LoadError.Message == "" {
		t.Errorf("%+v", failed)
	}
	for path, code := range map[string]string{"/endpoints": "name of the endpoint is missing", "/endpoints?name=a%2Fb": "name", "/endpoints?name=x": "empty"} {
		body := "add"
		if code == "empty" {
			body = ""
		}
		c.send("POST", path, body).wantError(t, 400, "bad_request", code)
	}
	if e, _ := s.registry.Get("m"); e.Version != 2 {
		t.Errorf("a refused deployment changed the endpoint: %+v", e)
	}
}

func TestConsoleDeployForm(t *testing.T) {
	s := newConsoleEndpointServer(t, nil, nil)
	c := s.consoleUser("")
	form := func(field, content string) (string, string) {
		var body bytes.Buffer
		w := multipart.NewWriter(&body)
		part, err := w.CreateFormFile(field, "model.py")
		_, err2 := part.Write([]byte(content))
		if err := errors.Join(err, err2, w.Close()); err != nil {
			t.Fatal(err)
		}
		return body.String(), w.FormDataContentType()
	}
	body, contentType := form("file", "add")
	c.send("POST", "/endpoints?name=m", body, "Content-Type", contentType).wantStatus(t, 201)
	if e, _ := s.registry.Get("m"); e.Current().Size != 3 {
		t.Errorf("the form itself was deployed: %+v", e.Current())
	}
	other, contentType2 := form("other", "add")
	c.send("POST", "/endpoints?name=n", other, "Content-Type", contentType2).wantError(t, 400, "bad_request", "no file")
	c.send("POST", "/endpoints?name=n", body[:len(body)-20], "Content-Type", contentType).wantError(t, 400, "bad_request", "cannot be read")
	c.send("POST", "/endpoints?name=n", body, "Content-Type", "multipart/form-data").wantError(t, 400, "bad_request", "")
	if _, ok := s.registry.Get("n"); ok {
		t.Error("a form without a file was deployed")
	}
}

func TestConsoleDeployLimit(t *testing.T) {
	s := newConsoleEndpointServer(t, nil, func(c *Config) { c.MaxModelBytes = 1000 })
	c := s.consoleUser("")
	c.send("POST", "/endpoints?name=m", strings.Repeat("#", 1001)).wantError(t, 413, "too_large", "TABCELL_MODELS_MAX_MB")
	if _, ok := s.registry.Get("m"); ok {
		t.Error("a file beyond the limit was deployed")
	}
}

func TestConsoleRollBackRemoveDownload(t *testing.T) {
	s := newConsoleEndpointServer(t, permissionAuthenticator{}, nil)
	c := s.consoleUser("da")
	c.send("POST", "/endpoints?name=m", "add").wantStatus(t, 201)
	c.send("POST", "/endpoints?name=m&replace=true", "add").wantStatus(t, 201)
	var e console.Endpoint
	c.decode(c.send("POST", "/endpoints/m/rollback", `{"version": 1}`), &e)
	if e.Version != 3 || e.Name != "m" {
		t.Errorf("%+v", e)
	}
	c.send("POST", "/endpoints/m/rollback", `{"version": 9}`).wantError(t, 400, "bad_request", "version 9 is not kept")
	c.send("POST", "/endpoints/m/rollback", `{}`).wantError(t, 400, "bad_request", "version is 0")
	c.send("POST", "/endpoints/x/rollback", `{"version": 1}`).wantError(t, 404, "not_found", "does not exist")

	archive := c.get("/endpoints/m/download")
	archive.wantStatus(t, 200)
	if d := archive.Header.Get("Content-Disposition"); d != `attachment; filename="m.tar"` || archive.Header.Get("Content-Type") != tarType || !strings.Contains(archive.body, "ustar") {
		t.Errorf("%q, %d bytes", d, len(archive.body))
	}
	missing := c.get("/endpoints/x/download")
	missing.wantError(t, 404, "not_found", "does not exist")
	if missing.Header.Get("Content-Disposition") != "" {
		t.Error("an error is sent as a file to save")
	}

	c.send("DELETE", "/endpoints/m", `{"confirm": "M"}`).wantError(t, 400, "bad_request", `confirm is "M"`)
	c.send("DELETE", "/endpoints/m", ``).wantError(t, 400, "bad_request", "JSON")
	if !has(s, "m") {
		t.Fatal("an endpoint was removed without its name")
	}
	c.send("DELETE", "/endpoints/m", `{"confirm": "m"}`).wantStatus(t, 204)
	if has(s, "m") {
		t.Error("the endpoint is still there")
	}
	c.send("DELETE", "/endpoints/m", `{"confirm": "m"}`).wantError(t, 404, "not_found", "does not exist")
	// The archive can be imported again.
	s.do("POST", "/endpoints/m/import", archive.body, asUser("d")...).wantStatus(t, 200)
}

func has(s *endpointServer, name string) bool { _, ok := s.registry.Get(name); return ok }

// Each action needs its role, and a client that lacks it changes nothing.
func TestConsoleRoles(t *testing.T) {
	s := newConsoleEndpointServer(t, permissionAuthenticator{}, nil)
	s.consoleUser("d").send("POST", "/endpoints?name=m", "add").wantStatus(t, 201)
	for route, role := range map[string]string{
		"GET /endpoints": "", "GET /endpoints/m": "", "GET /load": "", "GET /errors": "", "GET /manual": "",
		"POST /endpoints?name=n": "d", "POST /endpoints/m/rollback": "d", "DELETE /endpoints/m": "d", "GET /endpoints/m/download": "a",
		"GET /admin/settings": "a", "GET /admin/libraries": "a", "GET /admin/doctor": "a", "GET /admin/audit": "a", "GET /admin/certificates": "a",
		"GET /admin/accounts": "a",
	} {
		method, path, _ := strings.Cut(route, " ")
		for _, name := range []string{"q", "e", "m", "d", "a"} {
			c := s.consoleUser(name)
			if r := c.send(method, path, "{}"); (r.StatusCode == 403) != (role != "" && role != name) {
				t.Errorf("%s by a user with the role %q: status %d; it needs %q", route, name, r.StatusCode, role)
			}
		}
		s.do(method, "/console/api/v1"+path, "{}").wantError(t, 401, "unauthenticated", "")
	}
	if !has(s, "m") {
		t.Error("the endpoint was removed")
	}
}

// What the console changes is in the audit trail, with the account.
func TestConsoleAudit(t *testing.T) {
	s := newConsoleEndpointServer(t, permissionAuthenticator{}, nil)
	trail := &fakeAudit{}
	s.api.deps.Audit = trail
	c := s.consoleUser("da")
	c.send("POST", "/endpoints?name=m", "add").wantStatus(t, 201)
	c.send("POST", "/endpoints?name=m&replace=true", "add").wantStatus(t, 201)
	c.send("POST", "/endpoints/m/rollback", `{"version": 1}`).wantStatus(t, 200)
	c.get("/endpoints/m/download").wantStatus(t, 200)
	c.send("DELETE", "/endpoints/m", `{"confirm": "m"}`).wantStatus(t, 204)
	var kinds []string
	for _, e := range trail.events {
		if e.Account != "Basic da" || e.Call == "" {
			t.Errorf("%+v", e)
		}
		if e.Endpoint == "m" {
			kinds = append(kinds, string(e.Kind))
		}
	}
	if got := strings.Join(kinds, " "); got != "deploy deploy rollback export remove" {
		t.Errorf("the audit trail has %s", got)
	}
	trail.fail(errors.New("the disk is full"))
	c.send("POST", "/endpoints?name=n", "add").wantError(t, 507, "storage", "audit trail cannot be written")
	if has(s, "n") {
		t.Error("a change without an entry in the audit trail was made")
	}
}
