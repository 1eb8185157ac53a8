package guest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/runtime"
)

// modelServer implements the services that scripts use through TabPy's client.
type modelServer struct {
	engine modelEngine

	mu     sync.Mutex
	models map[string]runtime.Model  // guarded by mu
	infos  map[string]map[string]any // guarded by mu
	status map[string]map[string]any // guarded by mu
	bodies map[string]map[string]any // guarded by mu; request bodies of deployments
	denied map[runtime.Service]bool
}

func newModelServer(e modelEngine) *modelServer {
	return &modelServer{
		engine: e, models: map[string]runtime.Model{}, infos: map[string]map[string]any{},
		status: map[string]map[string]any{}, bodies: map[string]map[string]any{},
	}
}

func jsonResponse(status int, v any) (int, []byte) {
	b, _ := json.Marshal(v)
	return status, b
}

// Serve implements runtime.Services.
func (s *modelServer) Serve(ctx context.Context, service runtime.Service, name string, body, code []byte) (int, []byte) {
	if s.denied[service] {
		return jsonResponse(403, map[string]any{"message": "Forbidden", "info": "no"})
	}
	switch service {
	case runtime.ServiceQuery:
		return s.query(ctx, name, body)
	case runtime.ServiceDeploy:
		return s.deploy(ctx, body, bytes.Clone(code))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch service {
	case runtime.ServiceList:
		return jsonResponse(200, s.infos)
	case runtime.ServiceStatus:
		return jsonResponse(200, s.status)
	case runtime.ServiceUpdate:
		var info map[string]any
		_ = json.Unmarshal(body, &info)
		s.bodies[name] = info
		return jsonResponse(200, map[string]any{name: info})
	case runtime.ServiceRemove:
		if s.infos[name] == nil {
			return jsonResponse(404, map[string]any{"message": "endpoint " + name + " does not exist.", "info": map[string]any{}})
		}
		delete(s.infos, name)
		delete(s.models, name)
		return 204, nil
	}
	return jsonResponse(400, "unknown service")
}

func (s *modelServer) query(ctx context.Context, name string, body []byte) (int, []byte) {
	s.mu.Lock()
	m, ok := s.models[name]
	s.mu.Unlock()
	if !ok {
		return jsonResponse(404, map[string]any{"message": "UnknownURI", "info": fmt.Sprintf("Endpoint '%s' does not exist", name)})
	}
	r, err := s.engine.QueryModel(ctx, m, runtime.Call{Body: body, Services: s})
	if err != nil {
		return jsonResponse(500, map[string]any{"message": "Error querying function '" + name + "'", "info": map[string]any{"uri": name, "error": err.Error(), "type": "QueryFailed"}})
	}
	return 200, fmt.Appendf(nil, `{"response": %s, "version": %d, "model": %q, "uuid": "u"}`, r.Body, m.Version, name)
}

func (s *modelServer) deploy(ctx context.Context, body, code []byte) (int, []byte) {
	var request map[string]any
	if err := json.Unmarshal(body, &request); err != nil {
		return jsonResponse(400, err.Error())
	}
	name := request["name"].(string)
	m := modelOfArchive(name, code)
	_, err := s.engine.LoadModel(ctx, m)
	s.mu.Lock()
	defer s.mu.Unlock()
	m.Version = s.models[name].Version + 1
	s.models[name] = m
	s.bodies[name] = request
	s.infos[name] = map[string]any{"description": request["description"], "type": "model", "version": m.Version, "creation_time": 1795466899, "last_modified_time": 1795466899, "docstring": request["docstring"]}
	s.status[name] = map[string]any{"version": m.Version, "type": "model", "status": "LoadSuccessful", "last_error": nil}
	if err != nil {
		s.status[name]["status"], s.status[name]["last_error"] = "LoadFailed", "Load failed: "+err.(*runtime.ModelError).Text
	}
	return jsonResponse(201, map[string]any{name: s.infos[name]})
}

// script returns the result of a script, or the text of its error.
func (s *modelServer) script(t testing.TB, e *runtime.Engine, script string) string {
	t.Helper()
	body, _ := json.Marshal(map[string]any{"data": map[string]any{"_arg1": []any{1, 2}}, "script": script})
	r, err := e.Evaluate(t.Context(), runtime.Call{Body: body, Services: s})
	if err != nil {
		return err.Error()
	}
	return string(r.Body)
}

// TestQueryFromScripts queries models with tabpy.query in scripts and in other models.
func TestQueryFromScripts(t *testing.T) {
	e := harness.Core(t)
	s := newModelServer(e)
	s.models["add"] = modelOfSource("add", "def add(x, y):\n    return [a + b for a, b in zip(x, y)]")
	s.models["my model"] = modelOfSource("my model", "def f(x):\n    return x")
	s.models["nan"] = modelOfSource("nan", "def f():\n    return float('nan')")
	s.models["loop"] = modelOfSource("loop", "def f(n):\n    return tabpy.query('loop', n - 1)['response'] + 1 if n else 0")
	s.models["module"] = modelOfSource("module", "import tabpy\ndef f():\n    return tabpy.query('add', [1], [2])['response']")
	for _, c := range []struct{ script, want string }{
		{"return tabpy.query('add', _arg1, _arg1)['response']", "[2, 4]"},
		{"r = tabpy.query('add', x=_arg1, y=_arg1)\nreturn [sorted(r), r['model'], r['version'], r['response']]", `[["model", "response", "uuid", "version"], "add", 1, [2, 4]]`},
		{"return tabpy.query('add', _arg1, _arg1, z=1)['response']", "[2, 4]"},
		{"return tabpy.query('none', 1)", `{"info": "Endpoint 'none' does not exist", "message": "UnknownURI"}`},
		{"return tabpy.query('none', 1)['response']", "KeyError : 'response'"},
		{"return tabpy.query('add', 1)", `{"info": {"error": "TypeError : add() missing 1 required positional argument: 'y'", "type": "QueryFailed", "uri": "add"}, "message": "Error querying function 'add'"}`},
		{"return tabpy.query('add', {1}, 2)", "TypeError : Object of type set is not JSON serializable"},
		{"import numpy\nreturn tabpy.query('add', numpy.array(_arg1), pandas.Series([1, 1]))['response']", "[2, 3]"},
		{"return [tabpy.query(n, 5)['response'] for n in ('my model', 'my%20model', 'my%2520model')]", "[5, 5, 5]"},
		{"return tabpy.query('')", "JSONDecodeError : Expecting value: line 1 column 1 (char 0)"},
		{"return tabpy.query('a/b')", "JSONDecodeError : Expecting value: line 1 column 1 (char 0)"},
		{"return tabpy.query('nan')['response']", "null"},
		{"return tabpy.query('loop', 4)['response']", "4"},
		{"return tabpy.query('module')['response']", "[3]"},
		{"import tabpy\nreturn [tabpy.query('add', _arg1, _arg1)['response'], tabpy.port]", `[[2, 4], ""]`},
		{"from tabpy.tabpy_tools.client import Client\nreturn tabpy.query('add', _arg1, _arg1)['response']", "[2, 4]"},
		{"import _tabcell\nreturn [_tabcell.ask(b) for b in (b'', b'\\n', b'{}', b'{}\\n', b'x' * 10**6, b'{\"body\": 1}\\n')]", "[-1, -1, -1, 400, -1, -1]"},
		{"import _tabcell\n_tabcell.ask('text')", "TypeError : a request is bytes"},
	} {
		if got := s.script(t, e, c.script); got != c.want {
			t.Errorf("%s\n%s\nwant %s", c.script, got, c.want)
		}
	}
}

// TestOldClientInCell runs scripts that import TabPy's client from its old package, tabpy-client.
func TestOldClientInCell(t *testing.T) {
	e := harness.Core(t)
	s := newModelServer(e)
	for _, c := range []struct{ script, want string }{
		{"from tabpy_client import Client\nc = Client('http://localhost:9004', 30)\ndef f(x):\n    return [v * 2 for v in x]\nc.deploy('f', f, 'Doubles', override=True)\nreturn c.query('f', _arg1)['response']", "[2, 4]"},
		{"import tabpy_client\nc = tabpy_client.Client('http://localhost:9004/', query_timeout=30, verify_certificate=False)\nreturn [c.query_timeout, sorted(c.get_endpoints())]", `[30, ["f"]]`},
		{"from tabpy_client.client import Client\nreturn Client('http://localhost:9004').get_status()['f']['status']", `"LoadSuccessful"`},
		{"import tabpy_client\nreturn tabpy_client.Client('http://x').get_endpoint_dependencies()", `{"f": []}`},
		{"import tabpy_client\ntabpy_client.Client('http://x').alias('g', 'none')", "ValueError : Endpoint 'none' does not exist."},
		{"import tabpy_client\ntabpy_client.Client('http://x').alias('f', 'f')", `RuntimeError : Name "f" is already in use by another endpoint.`},
		{"import tabpy_client\ntabpy_client.Client('http://x').get_info()", "RuntimeError : a cell cannot ask the server for its description; GET /info returns it"},
		{"from tabpy_client.custom_query_object import CustomQueryObject\nreturn CustomQueryObject(lambda x: x + 1).query(1)", "2"},
		{"from tabpy_client.rest import ResponseError\nfrom tabpy_client.rest_client import Endpoint\nfrom tabpy_client.query_object import QueryObject\nreturn ResponseError.__name__", `"ResponseError"`},
		{"from tabpy_client.schema import generate_schema\nreturn generate_schema(5, 25, 'input value', 'the square')",
			`{"input": {"type": "integer", "description": "input value"}, "sample": 5, "output": {"type": "integer", "description": "the square"}}`},
		{"from tabpy.tabpy_tools.schema import generate_schema\nreturn generate_schema({'x': [1, 2.5], 'y': [{'a': None}, {'a': 'b', 'c': True}]}, [], {'x': 'numbers'})",
			`{"input": {"type": "object", "properties": {"x": {"type": "array", "items": {"type": "number"}, "description": "numbers"}, "y": {"type": "array", ` +
				`"items": {"type": "object", "properties": {"a": {"type": ["null", "string"]}, "c": {"type": "boolean"}}, "required": ["a"]}}}, "required": ["x", "y"]}, ` +
				`"sample": {"x": [1, 2.5], "y": [{"a": null}, {"a": "b", "c": true}]}, "output": {"type": "array"}}`},
		{"from tabpy_client import generate_schema\nreturn generate_schema({'x': 1}, 1, {'y': 'missing'})", "Exception : y not found in {'x': 1}"},
		{"from tabpy_client import generate_schema\nreturn generate_schema((1, 2), 1)", "TypeError : an example must consist of JSON's types, not tuple"},
	} {
		if got := s.script(t, e, c.script); got != c.want {
			t.Errorf("%s\n%s\nwant %s", c.script, got, c.want)
		}
	}
}

// withClient is the beginning of a script that uses TabPy's client.
const withClient = "from tabpy.tabpy_tools.client import Client\nclient = Client('http://localhost:9004/')\nclient.set_credentials('u', 'p')\n"

// TestClientInCell runs TabPy's client in cells: deployments, queries, updates and removals, with
// the errors that TabPy's client raises.
func TestClientInCell(t *testing.T) {
	e := harness.Core(t)
	s := newModelServer(e)
	for _, c := range []struct{ script, want string }{
		{"def f(x):\n    '''Doubles'''\n    return [v * 2 for v in x]\nclient.deploy('f', f, 'description', override=False, is_public=True, schema={'a': 1})", "null"},
		{"return client.query('f', _arg1)", `{"response": [2, 4], "version": 1, "model": "f", "uuid": "u"}`},
		{"return tabpy.query('f', _arg1)['response']", "[2, 4]"},
		{"client.deploy('f', len)", `RuntimeError : An endpoint with that name (f) already exists. Use "override = True" to force update an existing endpoint.`},
		{"client.deploy('f', lambda x: [v * 3 for v in x], override=True)\nreturn client.query('f', x=_arg1)['response']", "[3, 6]"},
		{"import numpy as np\nk = np.array([10, 20])\ndef helper(x):\n    return k * np.array(x)\ndef g(x):\n    return helper(x).tolist()\nclient.deploy('g', g, None)\nreturn client.query('g', _arg1)['response']", "[10, 40]"},
		{"global h\ndef h(x):\n    return h2(x)\nglobal h2\ndef h2(x):\n    return tabpy.query('f', x)['response']\nclient.deploy('h', h)\nreturn client.query('h', _arg1)['response']", "[3, 6]"},
		{"def q(x):\n    return tabpy.query('f', x)['response'] + [tabpy.headers]\nclient.deploy('q', q)\nreturn client.query('q', _arg1)['response']", "[3, 6, null]"},
		{"class K:\n    def __init__(self):\n        self.n = 3\n    def twice(self, x):\n        return x * self.n\nclient.deploy('k', K().twice)\nreturn client.query('k', 4)['response']", "12"},
		{"e = client.get_endpoints()\nreturn [sorted(e), e['f'].version, e['f']['type'], e['f'].name, e['f'].creation_time, type(e['f']).__name__]",
			`[["f", "g", "h", "k", "q"], 2, "model", "f", "2026-11-23T20:48:19", "Endpoint"]`},
		{"return client.get_status()['f']", `{"last_error": null, "status": "LoadSuccessful", "type": "model", "version": 2}`},
		{"class Bad:\n    def __reduce__(self):\n        return eval, ('1/0',)\nb = Bad()\nclient.deploy('bad', lambda: b)", "RuntimeError : LoadFailed: Load failed: division by zero"},
		{"client.deploy('a/b', len)", "ValueError : endpoint name a/b can only contain: a-z, A-Z, 0-9, underscore, hyphens and spaces."},
		{"client.deploy('', len)", "ValueError : Endpoint name cannot be empty"},
		{"client.deploy(3, len)", "TypeError : Endpoint name must be a string"},
		{"Client('ftp://x')", "ValueError : endpoint name ftp://x should be in http(s)://<hostname>[:<port>] and hostname may consist only of: a-z, A-Z, 0-9, underscore and hyphens."},
		{"Client('')", "ValueError : Endpoint name cannot be empty"},
		{"return client.query('none', 1)", "ResponseError : (404) UnknownURI Endpoint 'none' does not exist"},
		{"return client.query('f', 1, x=2)", "ValueError : Mixing of keyword arguments and positional arguments when querying an endpoint is not supported."},
		{"client.update_endpoint_info('none', 'd')", "RuntimeError : No endpoint with that name (none) exists Please select an existing endpoint to update"},
		{"client.update_endpoint_info('f', 3)", "RuntimeError : Type of description must be string"},
		{"client.update_endpoint_info('f', schema='x')", "RuntimeError : Type of schema must be dictionary"},
		{"client.update_endpoint_info('f', 'better', {'a': 1}, True)", "null"},
		{"client.remove('f')\nreturn sorted(client.get_endpoints())", `["bad", "g", "h", "k", "q"]`},
		{"client.remove('f')", `RuntimeError : {"info":{},"message":"endpoint f does not exist."}`},
	} {
		if got := s.script(t, e, withClient+c.script); got != c.want {
			t.Errorf("%s\n%s\nwant %s", c.script, got, c.want)
		}
	}
	got, _ := json.Marshal(s.bodies["g"])
	if want := `{"dependencies":[],"description":"","docstring":"-- no docstring found in query function --","is_public":false,"kind":"pickle","methods":[{"method":"query"}],"name":"g","override":false,"type":"model"}`; string(got) != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	got, _ = json.Marshal(s.bodies["f"])
	if want := `{"creation_time":1795466899,"description":"better","docstring":"-- no docstring found in query function --","is_public":true,"last_modified_time":1795466899,"name":"f","schema":"{'a': 1}","should_update_version":false,"type":"model","version":2}`; string(got) != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	s.denied = map[runtime.Service]bool{runtime.ServiceDeploy: true}
	if got := s.script(t, e, withClient+"client.deploy('z', len)"); got != "ResponseError : (403) Forbidden no" {
		t.Error(got)
	}
	if r, err := e.Evaluate(t.Context(), runtime.Call{Body: []byte(`{"data": {}, "script": "from tabpy.tabpy_tools.client import Client\nClient('http://x').get_endpoints()"}`)}); err == nil || !strings.Contains(err.Error(), "(403) Forbidden") {
		t.Errorf("%s, %v", r.Body, err)
	}
}
