package console

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"tabcell/cmd/tabcell/internal/testenv"
)

// client calls the console's API as its pages do.
type client struct {
	t    *testing.T
	url  string // of the server
	csrf string
}

// newClient returns a client of a server without authentication.
func newClient(t *testing.T, url string) *client {
	t.Helper()
	c := &client{t: t, url: url}
	var session struct{ CSRF string }
	c.call(http.MethodGet, "session", nil, http.StatusOK, &session)
	if session.CSRF == "" {
		t.Fatal("the session has no CSRF token")
	}
	c.csrf = session.CSRF
	return c
}

// call sends body, which is text or becomes JSON, and decodes the response. It fails if the status
// differs.
func (c *client) call(method, path string, body any, status int, response any) {
	c.t.Helper()
	content, contentType := []byte(nil), "application/octet-stream"
	switch b := body.(type) {
	case nil:
	case string:
		content = []byte(b)
	default:
		encoded, err := json.Marshal(b)
		if err != nil {
			c.t.Fatal(err)
		}
		content, contentType = encoded, "application/json"
	}
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.url+"/console/api/v1/"+path, bytes.NewReader(content))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("X-Console-CSRF", c.csrf)
	got, text := send(c.t, r)
	if got.StatusCode != status {
		c.t.Fatalf("%s %s: status %d, want %d: %.1000s", method, path, got.StatusCode, status, text)
	}
	if response == nil {
		return
	}
	if err := json.Unmarshal(text, response); err != nil {
		c.t.Fatalf("%s %s: %v in %.1000s", method, path, err, text)
	}
}

// get returns a file of the console.
func get(t *testing.T, url string) (*http.Response, []byte) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept-Encoding", "gzip") // the body stays compressed
	return send(t, r)
}

func send(t *testing.T, r *http.Request) (*http.Response, []byte) {
	t.Helper()
	response, err := testenv.AnyCertificate.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	check(t, r, response, text)
	return response, text
}
