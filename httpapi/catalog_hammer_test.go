package httpapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"

	"tabcell/httpapi/internal/pyjson"
)

func newEvaluateRequest(t *testing.T) *http.Request {
	r, err := http.NewRequestWithContext(t.Context(), "POST", "http://localhost/evaluate", nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var queryResponse = regexp.MustCompile(`^\{"response": "(\w+)-(\d+)", "version": (\d+), "model": "(\w+)", `)

// The test deploys, queries, rolls back and removes a few endpoints concurrently. Every response
// must name its endpoint and have a status that is possible for its request.
func TestConcurrentEndpointChanges(t *testing.T) {
	s := newEndpointServer(t, nil, nil)
	names := []string{"a", "b", "c"}
	allowed := map[string]string{"PUT": "200 201", "POST": "200 400 404", "DELETE": "204 404", "QUERY": "200 404 500", "GET": "200"}
	var all sync.WaitGroup
	begin := make(chan struct{})
	for w := range 6 {
		all.Go(func() {
			<-begin
			for i := range 25 {
				name := names[(w+i)%len(names)]
				verb := []string{"PUT", "QUERY", "GET", "QUERY", "POST", "QUERY", "DELETE"}[(w+i)%7]
				got := s.sendVerb(verb, name, w, i)
				if !strings.Contains(allowed[verb], fmt.Sprint(got.StatusCode)) {
					t.Errorf("%s %s: got %d %s, want one of %s", verb, name, got.StatusCode, got.body, allowed[verb])
				}
				if m := queryResponse.FindStringSubmatch(got.body); verb == "QUERY" && got.StatusCode == 200 && (m == nil || m[1] != name || m[4] != name) {
					t.Errorf("query of %s: response %s", name, got.body)
				}
			}
		})
	}
	close(begin)
	all.Wait()
	checkConsistent(t, s)
}

func (s *endpointServer) sendVerb(verb, name string, w, i int) reply {
	switch verb {
	case "PUT":
		return s.do("PUT", "/endpoints/"+name+"/source", fmt.Sprintf(`answer "%s-%d"`, name, w*100+i))
	case "QUERY":
		return s.do("POST", "/query/"+name, `{"data": []}`)
	case "POST":
		return s.do("POST", "/endpoints/"+name+"/rollback", "")
	case "DELETE":
		return s.do("DELETE", "/endpoints/"+name, "")
	}
	return s.do("GET", "/status", "")
}

// checkConsistent checks that /status agrees with the registry and that every endpoint runs its
// current code.
func checkConsistent(t *testing.T, s *endpointServer) {
	var states map[string]statusBody
	if err := json.Unmarshal([]byte(s.do("GET", "/status", "").body), &states); err != nil {
		t.Fatal(err)
	}
	for _, e := range s.registry.List() {
		got := s.do("POST", "/query/"+e.Name, `{"data": []}`)
		code, err := s.registry.Content(e.Current())
		if m := queryResponse.FindStringSubmatch(got.body); err != nil || m == nil || fmt.Sprintf(`answer "%s-%s"`, m[1], m[2]) != string(code) || m[3] != fmt.Sprint(e.Version) {
			t.Errorf("%s, version %d with code %s: response %s, error %v", e.Name, e.Version, code, got.body, err)
		}
		if states[e.Name].Version != e.Version || states[e.Name].Status == loadFailed {
			t.Errorf("%s: status %+v, want version %d", e.Name, states[e.Name], e.Version)
		}
	}
	if len(states) != len(s.registry.List()) {
		t.Errorf("/status has %d endpoints, want %d", len(states), len(s.registry.List()))
	}
}

// For any body, the response must be JSON with a status from the error table, and the endpoints
// must remain listable.
func FuzzDeployRequest(f *testing.F) {
	for _, seed := range []string{
		``, `{}`, `null`, deployBody("m", "/nope"), `{"name": "m", "source": "answer 1", "override": true}`, `{"name": "m", "type": "alias", "target": "m"}`,
		`{"name": "m", "archive": "YW5zd2VyIDE=", "override": 1, "schema": [1e400], "is_public": null, "dependencies": [null]}`, `{"name": "\u0000", "source": "answer 1"}`,
	} {
		f.Add([]byte(seed), true)
		f.Add([]byte(seed), false)
	}
	s := newEndpointServer(f, nil, nil)
	f.Fuzz(func(t *testing.T, body []byte, adds bool) {
		req := &request{api: s.api, Context: s.api.echo.NewContext(newEvaluateRequest(t), nil)}
		defer req.releaseMemory()
		send := func() (response, error) { return s.api.add(t.Context(), req, body, nil) }
		if !adds {
			send = func() (response, error) { return s.api.update(req, "m", body) }
		}
		resp, err := send()
		if err != nil {
			failed := s.api.failureOf(err)
			if failed.message == "" || failed.status == 0 {
				t.Fatalf("body %q: error %v became the failure %+v", body, err, failed)
			}
			resp = response{failed.status, jsonPlain, pyjson.Marshal(errorBody{failed.message, failed.info})}
		}
		var list bytes.Buffer
		if err := s.api.endpointList()(&list); err != nil || !json.Valid(resp.body) || !json.Valid(list.Bytes()) {
			t.Fatalf("body %q: response %s, endpoints %s", body, resp.body, &list)
		}
	})
}
