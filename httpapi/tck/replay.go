package tck

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// got is an answer as it came, its body decompressed.
type got struct {
	status  int
	headers http.Header
	body    string
}

// play does what a case says, and returns how the answers differ from the recorded ones.
func (r *running) play(c Case) []string {
	defer r.client.CloseIdleConnections() // each case begins on a connection of its own
	if err := r.setUp(c.Setup); err != nil {
		return []string{err.Error()}
	}
	before := r.keys.count()
	differences := r.ask(c)
	if n := r.keys.count() - before; c.Compare.JWKSFetches && n != c.JWKSFetches {
		differences = append(differences, fmt.Sprintf("the key set was fetched %d times, want %d", n, c.JWKSFetches))
	}
	for _, pattern := range r.server.Output.missing(c.Compare.Log, logTime) {
		differences = append(differences, fmt.Sprintf("the output does not match %q:\n%s", pattern, r.server.Output))
	}
	return differences
}

// ask sends a case's requests.
func (r *running) ask(c Case) []string {
	if c.Request.Raw != "" {
		had, err := r.converse(c.Request, c.Compare.fewest(c.Response))
		if err != nil {
			return []string{err.Error()}
		}
		return c.Compare.rawDifferences(c.Response, had)
	}
	timeout := time.Duration(cmp.Or(c.ClientTimeout, 60) * float64(time.Second))
	answer, err := r.send(c.Request, timeout)
	if c.Compare.Status == statusDefect {
		return r.alive() // TabPy itself ended or hung there; whatever was answered, the server must be there afterwards
	}
	if err != nil {
		return []string{"no answer: " + err.Error()}
	}
	differences := c.Compare.differences(r.expected(c.Response), answer)
	if c.Compare.Then != "compare" {
		return differences
	}
	for i, then := range c.Then {
		time.Sleep(time.Duration(then.Pause * float64(time.Second)))
		answer, err := r.send(then.Request, timeout)
		if err != nil {
			return append(differences, fmt.Sprintf("then %d: no answer: %v", i, err))
		}
		for _, d := range c.Compare.differences(r.expected(then.Response), answer) {
			differences = append(differences, fmt.Sprintf("then %d: %s", i, d))
		}
	}
	return differences
}

func (r *running) alive() []string {
	if _, err := r.send(Request{Method: "GET", Path: "/info"}, 10*time.Second); err != nil {
		return []string{"the server is gone: " + err.Error()}
	}
	return nil
}

// expected is a recorded answer with this server's values in the place of placeholders.
func (r *running) expected(recorded Response) Response {
	recorded.BodyText = r.server.fill(recorded.BodyText)
	return recorded
}

func (r *running) send(request Request, timeout time.Duration) (got, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	hr, err := r.build(ctx, request)
	if err != nil {
		return got{}, err
	}
	response, err := r.client.Do(hr)
	if err != nil {
		return got{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.Header.Get("Content-Encoding") == "gzip" {
		body, err = gunzip(body)
	}
	return got{response.StatusCode, response.Header, string(body)}, err
}

// build makes the request exactly as recorded: the path as it stands, header names as they are, no headers of the client library.
func (r *running) build(ctx context.Context, request Request) (*http.Request, error) {
	target, err := url.Parse(r.url)
	if err != nil {
		return nil, err
	}
	target.Opaque = request.Path
	hr := (&http.Request{Method: request.Method, URL: target, Host: target.Host, Header: http.Header{"User-Agent": nil}}).WithContext(ctx)
	for name, value := range request.Headers {
		hr.Header[name] = []string{r.server.fill(value)}
	}
	body := request.bytes(r.server)
	switch {
	case body == nil:
	case request.Transfer == "chunked":
		hr.Body, hr.ContentLength = io.NopCloser(sevens{bytes.NewReader(body)}), -1
	case request.Transfer == "":
		hr.Body, hr.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	default:
		return nil, errors.New("unknown transfer " + request.Transfer)
	}
	if len(body) == 0 && body != nil {
		hr.Body = http.NoBody // or the length would count as unknown
	}
	return hr, nil
}

// bytes is the body; nil when the request has none.
func (q Request) bytes(s ServerSpec) []byte {
	switch {
	case q.BodyBase64 != nil:
		return q.BodyBase64
	case q.BodyGen != nil:
		return []byte(q.BodyGen.Prefix + strings.Repeat(q.BodyGen.Repeat, q.BodyGen.Count) + q.BodyGen.Suffix)
	case q.Body != nil:
		return append([]byte{}, s.fill(*q.Body)...)
	}
	return nil
}

// sevens reads seven bytes at a time, each of which becomes a chunk.
type sevens struct{ r io.Reader }

func (s sevens) Read(p []byte) (int, error) { return s.r.Read(p[:min(len(p), 7)]) }

func gunzip(body []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}
