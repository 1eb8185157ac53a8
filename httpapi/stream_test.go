package httpapi

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"tabcell/httpapi/internal/pyjson"
	"tabcell/runtime/registry"
)

func TestWriteObject(t *testing.T) {
	for _, all := range []map[string]any{{}, {"a": 1}, {"a": "é", `b"`: []int{1, 2}, "c": map[string]any{"x": nil}}} {
		names := []string{"a", `b"`, "c"}
		var text bytes.Buffer
		err := writeObject(len(all), func(i int) (string, any) { return names[i], all[names[i]] })(&text)
		if want := string(pyjson.Marshal(all)); err != nil || text.String() != want {
			t.Errorf("%s, error %v; want %s", &text, err, want)
		}
	}
	full := errors.New("full")
	for _, n := range []int{0, 1} {
		if err := writeObject(n, func(int) (string, any) { return "a", 1 })(failingWriter{full}); err != full {
			t.Errorf("%d members: error %v, want %v", n, err, full)
		}
	}
}

// manyTexts is a store of n endpoints with long descriptions.
type manyTexts struct {
	Models
	n int
}

func (m manyTexts) List() []registry.Endpoint {
	all := make([]registry.Endpoint, m.n)
	for i := range all {
		description := fmt.Sprint(i, strings.Repeat("x", 10_000))
		all[i] = registry.Endpoint{Name: fmt.Sprintf("m%04d", i), Type: registry.TypeModel, Version: 1, Metadata: registry.Metadata{Description: description}}
	}
	return all
}

// A list is sent in full, with its length and ETag, whether it is compressed or not.
func TestLongLists(t *testing.T) {
	srv := newTestServer(t, nil)
	srv.api.models.Models = manyTexts{srv.api.models.Models, 1000}
	for _, path := range []string{"/endpoints", "/status"} {
		plain := srv.do("GET", path, "")
		if plain.StatusCode != 200 || plain.ContentLength != int64(len(plain.body)) || strings.Count(plain.body, `"type": "model"`) != 1000 {
			t.Fatalf("%s: status %d, length %d, %d bytes", path, plain.StatusCode, plain.ContentLength, len(plain.body))
		}
		plain.wantHeader(t, "Etag", etag([]byte(plain.body)))
		compressed := srv.do("GET", path, "", "Accept-Encoding", "gzip")
		compressed.wantHeader(t, "Etag", plain.Header.Get("Etag"))
		if gunzipped(t, compressed.body) != plain.body {
			t.Errorf("%s: the compressed list differs", path)
		}
		srv.do("GET", path, "", "If-None-Match", plain.Header.Get("Etag")).want(t, 304, "")
	}
	waitFor(t, "an empty budget", func() bool { return srv.api.budget.used() == 0 })
}

// A list counts in the budget until the client has read it, and others still get small responses.
func TestUnreadLists(t *testing.T) {
	srv := newTestServer(t, func(c *Config) { c.MaxBufferedBytes = 40 << 20 })
	srv.api.models.Models = manyTexts{srv.api.models.Models, 1000} // 10 MB
	for range 8 {
		dialServer(t, srv, "GET /endpoints HTTP/1.1\r\nHost: x\r\n\r\n")
	}
	waitFor(t, "the memory of the lists", func() bool { return srv.api.budget.used() > 15<<20 })
	if used := srv.api.budget.used(); used > 40<<20 {
		t.Errorf("%d bytes are used, the limit is 40 MiB", used)
	}
	got := srv.do("GET", "/endpoints", "")
	if got.StatusCode != 503 || got.Header.Get("Etag") != "" || got.Header.Get("Content-Type") != jsonPlain {
		t.Errorf("a list over the limit: status %d, headers %v", got.StatusCode, got.Header)
	}
	srv.script("return 1").want(t, 200, "1")
}

// A list in a cell is refused if the budget has no memory for it, and is given back at once.
func TestListsInCells(t *testing.T) {
	srv := newTestServer(t, func(c *Config) { c.MaxBufferedBytes = 40 << 20 })
	req := &request{api: srv.api, Context: srv.api.echo.NewContext(newEvaluateRequest(t), nil)}
	for n, want := range map[int]error{10: nil, 1000: nil, 4000: errBudgetExceeded} {
		srv.api.models.Models = manyTexts{srv.api.models.Models, n}
		for range 5 {
			resp, err := services{req: req}.list(srv.api.endpointList())
			if !errors.Is(err, want) || srv.api.budget.used() != 0 {
				t.Errorf("%d endpoints: %d bytes, error %v, want %v; %d bytes are reserved", n, len(resp.body), err, want, srv.api.budget.used())
			}
		}
	}
}

// A deployment with too much text gets the sizes of its parts and the limit, before it is loaded.
func TestTextOverLimit(t *testing.T) {
	s := newEndpointServer(t, nil, nil)
	long := strings.Repeat("x", registry.MaxText)
	const want = `{"message": "Error when changing TabPy state: too large: the texts of the endpoint have 65537 bytes (description %d, docstring %d, ` +
		`schema %d, dependencies 0, function and requires 0); the limit is 65536 bytes", "info": {}}`
	deploy := func(members string) reply {
		return s.do("POST", "/endpoints", `{"name": "m", "source": "answer 1", `+members+`}`)
	}
	deploy(`"description": "`+long+`x"`).want(t, 400, fmt.Sprintf(want, 65537, 0, 0))
	deploy(`"description": "x", "docstring": "`+long+`"`).want(t, 400, fmt.Sprintf(want, 1, 65536, 0))
	deploy(`"description": "x", "schema": "`+long[2:]+`"`).want(t, 400, fmt.Sprintf(want, 1, 0, 65536))
	if s.models.Loaded() != 0 {
		t.Error("a model was loaded")
	}
	deploy(`"description": "`+long[100:]+`"`).wantStatus(t, 201)
	s.do("PUT", "/endpoints/m/source?description="+long[:1000], "answer 2").wantStatus(t, 200)
}
