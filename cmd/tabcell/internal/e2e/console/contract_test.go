package console

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/runtime/cluster"
)

// contract is the API of the console as openapi.json describes it.
type contract struct {
	document map[string]any
	compiler *jsonschema.Compiler
	mu       sync.Mutex
	seen     map[string]bool // operations and statuses of the checked responses
	members  map[string]bool // places in the document of the members that a response had
}

// openAPI returns the contract. In its schemas, objects have no other members than those described.
var openAPI = sync.OnceValues(func() (*contract, error) {
	text, err := os.ReadFile(testenv.File("httpapi/console/openapi.json"))
	if err != nil {
		return nil, err
	}
	decoded, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	document := decoded.(map[string]any)
	closeObjects(document)
	c := &contract{document: document, compiler: jsonschema.NewCompiler(), seen: map[string]bool{}, members: map[string]bool{}}
	c.compiler.AssertFormat()
	return c, c.compiler.AddResource("openapi.json", document)
})

// closeObjects forbids the members that a schema does not describe.
func closeObjects(value any) {
	switch v := value.(type) {
	case []any:
		for _, element := range v {
			closeObjects(element)
		}
	case map[string]any:
		for _, member := range v {
			closeObjects(member)
		}
		_, described := v["properties"].(map[string]any)
		if _, open := v["additionalProperties"]; v["type"] == "object" && described && !open {
			v["additionalProperties"] = false
		}
	}
}

// check fails the test unless the response to a request is one that openapi.json describes.
func check(t *testing.T, r *http.Request, response *http.Response, body []byte) {
	t.Helper()
	_, path, isAPI := strings.Cut(r.URL.EscapedPath(), "/console/api/v1")
	if !isAPI {
		return
	}
	c, err := openAPI()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.check(r.Method, path, response, body); err != nil {
		t.Errorf("%s %s, status %d, is not as in openapi.json: %v\n%.1000s", r.Method, path, response.StatusCode, err, body)
	}
}

func (c *contract) check(method, path string, response *http.Response, body []byte) error {
	c.mu.Lock() // the compiler needs it, too
	defer c.mu.Unlock()
	template := c.template(path)
	operation := []string{"paths", template, strings.ToLower(method)}
	status := fmt.Sprint(response.StatusCode)
	described, ok := find(c.document, append(operation, "responses", status)...).(map[string]any)
	if !ok {
		return fmt.Errorf("%s %s has no such status", method, template)
	}
	c.seen[method+" "+template+" "+status] = true
	content, hasContent := described["content"].(map[string]any)
	if !hasContent {
		if len(body) > 0 {
			return fmt.Errorf("it has a body")
		}
		return nil
	}
	mediaType, _, err := mime.ParseMediaType(response.Header.Get("Content-Type"))
	major, _, _ := strings.Cut(mediaType, "/")
	if err != nil || content[mediaType] == nil && content[major+"/*"] == nil {
		return fmt.Errorf("the content type is %q", mediaType)
	}
	if mediaType != "application/json" {
		return nil
	}
	return c.validate(append(operation, "responses", status, "content", mediaType, "schema"), body)
}

// validate compares a body with the schema at a place of the document.
func (c *contract) validate(place []string, body []byte) error {
	escape := strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D")
	pointer := make([]string, len(place))
	for i := range place {
		pointer[i] = escape.Replace(place[i])
	}
	schema, err := c.compiler.Compile("openapi.json#/" + strings.Join(pointer, "/"))
	if err != nil {
		return err
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return err
	}
	c.note(find(c.document, place...), strings.Join(place, "/"), value)
	return schema.Validate(value)
}

// note records the described members that a value has. It follows references, and all alternatives.
func (c *contract) note(schema any, place string, value any) {
	described, _ := schema.(map[string]any)
	if target, ok := described["$ref"].(string); ok {
		place = strings.TrimPrefix(target, "#/")
		c.note(find(c.document, strings.Split(place, "/")...), place, value)
	}
	for _, word := range []string{"allOf", "anyOf", "oneOf"} {
		alternatives, _ := described[word].([]any)
		for i, alternative := range alternatives {
			c.note(alternative, fmt.Sprintf("%s/%s/%d", place, word, i), value)
		}
	}
	switch v := value.(type) {
	case []any:
		for _, element := range v {
			c.note(described["items"], place+"/items", element)
		}
	case map[string]any:
		for name, member := range v {
			if inner := find(described, "properties", name); inner != nil {
				c.members[place+"/properties/"+name] = true
				c.note(inner, place+"/properties/"+name, member)
			} else {
				c.note(described["additionalProperties"], place+"/additionalProperties", member)
			}
		}
	}
}

// unseen returns the described members of successful responses that no response had.
func (c *contract) unseen() (all []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	visited := map[string]bool{}
	var walk func(value any, place string)
	walk = func(value any, place string) {
		described, _ := value.(map[string]any)
		if target, ok := described["$ref"].(string); ok && !visited[target] {
			visited[target] = true
			place := strings.TrimPrefix(target, "#/")
			walk(find(c.document, strings.Split(place, "/")...), place)
		}
		for name, member := range described {
			switch m := member.(type) {
			case []any:
				for i, element := range m {
					walk(element, fmt.Sprintf("%s/%s/%d", place, name, i))
				}
			case map[string]any:
				inner := place + "/" + name
				if strings.HasSuffix(place, "/properties") && !c.members[inner] {
					all = append(all, inner)
				}
				walk(m, inner)
			}
		}
	}
	for path, item := range c.document["paths"].(map[string]any) {
		for method, operation := range item.(map[string]any) {
			for status, response := range find(operation, "responses").(map[string]any) {
				if strings.HasPrefix(status, "2") {
					walk(response, strings.Join([]string{"paths", path, method, "responses", status}, "/"))
				}
			}
		}
	}
	slices.Sort(all)
	return all
}

// template returns the path of the document that matches the path of a request: the one with the
// fewest parameters.
func (c *contract) template(path string) string {
	best := ""
	for template := range c.document["paths"].(map[string]any) {
		if matches(template, path) && (best == "" || strings.Count(template, "{") < strings.Count(best, "{")) {
			best = template
		}
	}
	return best
}

func matches(template, path string) bool {
	wanted, got := strings.Split(template, "/"), strings.Split(path, "/")
	if len(wanted) != len(got) {
		return false
	}
	for i, segment := range wanted {
		if !strings.HasPrefix(segment, "{") && segment != got[i] {
			return false
		}
	}
	return true
}

func find(value any, path ...string) any {
	for _, name := range path {
		members, _ := value.(map[string]any)
		value = members[name]
	}
	return value
}

// missing returns the operations of which no response with a success was checked.
func (c *contract) missing() (all []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for path, item := range c.document["paths"].(map[string]any) {
		for method, operation := range item.(map[string]any) {
			for status := range find(operation, "responses").(map[string]any) {
				if key := strings.ToUpper(method) + " " + path + " " + status; strings.HasPrefix(status, "2") && !c.seen[key] {
					all = append(all, key)
				}
			}
		}
	}
	slices.Sort(all)
	return all
}

// unusual has the members that the responses of TestOpenAPI need not have.
var unusual = []string{
	"Endpoint/properties/error", "EndpointDetail/properties/error", "EndpointDetail/properties/load_error", // of a model that an upgrade has broken
	"EndpointDetail/properties/grants/", "read/items/properties/host", "read/items/properties/path", // ada may not deploy code with grants
	"ManualBlock/properties/blocks", "ManualSpan/properties/break", "ManualSpan/properties/emphasis", "link/properties/url", // no page has them now
}

// TestOpenAPI uses all operations of the API on a node of a cluster. The responses in it and in the
// other tests are compared with openapi.json.
func TestOpenAPI(t *testing.T) {
	folder, address := filepath.Join(t.TempDir(), "cluster"), fmt.Sprintf("127.0.0.1:%d", testenv.FreePort(t))
	if _, err := cluster.Init(folder, cluster.InitOptions{Name: "node1", Advertise: address}); err != nil {
		t.Fatal(err)
	}
	s := startAccountServer(t, "TABCELL_CLUSTER_PATH = "+folder, "TABCELL_CLUSTER_LISTEN = "+address, "TABCELL_CLUSTER_ADVERTISE = "+address, "TABCELL_LOG_SCRIPTS = true")
	ada := s.signIn(t, "ada")
	run := func(v any, status int) {
		body, _ := json.Marshal(v) // cannot fail
		ada.call("POST", "run", string(body), status, nil)
	}
	args := [][]any{{1, 2}, {"a", nil}}
	run(map[string]any{"kind": "script", "function": "SCRIPT_REAL", "script": "print(1)\nreturn _arg1", "args": args}, 200)
	run(map[string]any{"kind": "script", "function": "SCRIPT_REAL", "script": "return 1 / 0", "args": args}, 200)
	run(map[string]any{"kind": "table", "script": "return _arg1", "table": map[string][]int{"a": {1}}}, 200)
	run(map[string]any{"kind": "prep", "script": "def get_output_schema():\n    import pandas as pd\n    return pd.DataFrame({'a': prep_int()})\ndef f(d): return d",
		"function_name": "f", "table": map[string][]int{"a": {1}}}, 200)
	run(map[string]any{"kind": "prep", "script": "def get_output_schema(): raise KeyError\ndef f(d): return d", "function_name": "f", "table": map[string][]int{"a": {1}}}, 200)
	run(map[string]any{"kind": "script", "function": "SCRIPT_REAL", "script": "return len([bytearray(10**6) for _ in range(10**5)])", "args": args}, 200)
	run(map[string]any{"kind": "nonsense"}, 400)
	ada.call("POST", "endpoints?name=f", "def f(x):\n    return nosuch\n", 201, nil)
	ada.call("POST", "endpoints?name=f&replace=true", "def f(x, y=1):\n    return x\n", 201, nil)
	ada.call("POST", "endpoints?name=h", "def h(x):\n    return x\n", 201, nil)
	ada.call("POST", "endpoints?name=g", "import nosuch", 422, nil)
	ada.call("POST", "endpoints/f/query", `{"args": {"x": [1]}}`, 200, nil)
	ada.call("GET", "endpoints/f", "", 200, nil)
	ada.call("POST", "endpoints/f/rollback", `{"version": 1}`, 200, nil)
	ada.call("POST", "endpoints/f/query", `{"args": {"x": [1]}}`, 200, nil)
	s.post(t, "ada", "endpoints", `{"name": "other", "type": "alias", "target": "h"}`)
	id, limited := s.evaluate(t, "ada", "return 1 / 0"), s.evaluate(t, "ada", "return len([bytearray(10**6) for _ in range(10**5)])")
	for _, path := range []string{
		"openapi.json", "endpoints", "endpoints/f", "endpoints/other", "endpoints/f/download", "load", "errors", "errors/" + id, "errors/" + limited, "admin/settings", "admin/libraries",
		"admin/doctor", "admin/audit", "admin/certificates", "admin/accounts", "admin/grants", "admin/nodes",
		"manual", "manual?search=proxy", "manual/images/playground.png",
	} {
		ada.call("GET", path, "", 200, nil)
	}
	var manual struct{ Pages []struct{ Topic string } }
	ada.call("GET", "manual", "", 200, &manual)
	for _, page := range manual.Pages {
		ada.call("GET", "manual/"+page.Topic, "", 200, nil)
	}
	ada.call("GET", "endpoints/none", "", 404, nil)
	ada.call("GET", "manual/none", "", 404, nil)
	ada.call("DELETE", "endpoints/f", `{"confirm": "f"}`, 204, nil)
	checkStream(ada) // signs out
	contract, err := openAPI()
	if err != nil {
		t.Fatal(err)
	}
	if missing := contract.missing(); len(missing) > 0 {
		t.Errorf("no response was compared: %s", strings.Join(missing, ", "))
	}
	unseen := slices.DeleteFunc(contract.unseen(), func(member string) bool {
		return slices.ContainsFunc(unusual, func(part string) bool { return strings.Contains(member, part) })
	})
	if len(unseen) > 0 {
		t.Errorf("no response had the described members:\n%s", strings.Join(unseen, "\n"))
	}
}
