package cluster

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

var client = &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}

// send sends a request and returns the status, which is 0 without a response, and the body.
func (n *node) send(method, path, body string) (int, string) {
	return exchange(client, method, n.url+path, body)
}

// exchange sends a request by c and returns the status, which is 0 without a response, and the body.
func exchange(c *http.Client, method, url, body string) (int, string) {
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		return 0, err.Error()
	}
	response, err := c.Do(r)
	if err != nil {
		return 0, err.Error()
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, err.Error()
	}
	return response.StatusCode, string(text)
}

// expect sends a request and checks the response.
func (n *node) expect(status int, part, method, path, body string) {
	n.t.Helper()
	if got, text := n.send(method, path, body); got != status || !strings.Contains(text, part) {
		n.t.Errorf("%s %s on %s: status %d, want %d with %q:\n%s", method, path, n.name, got, status, part, text)
	}
}

// source returns a function that returns a number.
func source(number int) string { return fmt.Sprintf("def f(x): return %d\n", number) }
