package tck

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// actualResponse is the response of the server under test, with its body decompressed.
type actualResponse struct {
	status  int
	headers http.Header
	body    string
}

// replay replays the setup and the requests of a case and returns the differences.
func (r *runningServer) replay(c Case) []string {
	defer r.client.CloseIdleConnections() // so that the next case starts with a new connection
	if err := r.setUp(c.Setup); err != nil {
		return []string{err.Error()}
	}
	before := r.jwks.fetchCount()
	differences := r.sendAndCompare(c)
	if n := r.jwks.fetchCount() - before; c.Compare.JWKSFetches && n != c.JWKSFetches {
		differences = append(differences, fmt.Sprintf("the key set was fetched %d times, want %d", n, c.JWKSFetches))
	}
	for _, pattern := range r.server.Output.awaitPatterns(c.Compare.Log, logTimeout) {
		differences = append(differences, fmt.Sprintf("the output does not match %q:\n%s", pattern, r.server.Output))
	}
	return differences
}

// sendAndCompare sends the requests of a case and returns the differences between the responses and
// the recorded ones.
func (r *runningServer) sendAndCompare(c Case) []string {
	if c.Request.Raw != "" {
		return r.compareRaw(c)
	}
	timeout := time.Duration(cmp.Or(c.ClientTimeout, 60) * float64(time.Second))
	response, err := r.send(c.Request, timeout)
	if c.Compare.Status == statusDefect {
		return r.checkAlive() // TabPy exited or hung here, so any response is acceptable
	}
	if err != nil {
		return []string{"no response: " + err.Error()}
	}
	differences := c.Compare.differences(r.fillResponse(c.Response), response)
	if c.Compare.Then == "compare" {
		differences = append(differences, r.compareThen(c, timeout)...)
	}
	return differences
}

func (r *runningServer) compareRaw(c Case) []string {
	result, err := r.exchangeRaw(c.Request, c.Compare.minResponses(c.Response))
	if err != nil {
		return []string{err.Error()}
	}
	return c.Compare.rawDifferences(c.Response, result)
}

func (r *runningServer) compareThen(c Case, timeout time.Duration) (differences []string) {
	for i, then := range c.Then {
		time.Sleep(time.Duration(then.Pause * float64(time.Second)))
		response, err := r.send(then.Request, timeout)
		if err != nil {
			return append(differences, fmt.Sprintf("then %d: no response: %v", i, err))
		}
		for _, d := range c.Compare.differences(r.fillResponse(then.Response), response) {
			differences = append(differences, fmt.Sprintf("then %d: %s", i, d))
		}
	}
	return differences
}

func (r *runningServer) checkAlive() []string {
	if _, err := r.send(Request{Method: "GET", Path: "/info"}, 10*time.Second); err != nil {
		return []string{"the server no longer responds: " + err.Error()}
	}
	return nil
}

// fillResponse replaces the placeholders of a recorded response with the values of this server.
func (r *runningServer) fillResponse(recorded Response) Response {
	recorded.BodyText = r.server.fill(recorded.BodyText)
	return recorded
}

func (r *runningServer) send(request Request, timeout time.Duration) (actualResponse, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	httpRequest, err := r.build(ctx, request)
	if err != nil {
		return actualResponse{}, err
	}
	response, err := r.client.Do(httpRequest)
	if err != nil {
		return actualResponse{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.Header.Get("Content-Encoding") == "gzip" {
		body, err = gunzip(body)
	}
	return actualResponse{response.StatusCode, response.Header, string(body)}, err
}

// build returns the request exactly as recorded: with a verbatim path and header names, and without
// the default headers of the client.
func (r *runningServer) build(ctx context.Context, request Request) (*http.Request, error) {
	target, err := url.Parse(r.url)
	if err != nil {
		return nil, err
	}
	target.Opaque = request.Path
	httpRequest := (&http.Request{
		Method: request.Method, URL: target, Host: target.Host, Header: http.Header{"User-Agent": nil},
	}).WithContext(ctx)
	for name, value := range request.Headers {
		httpRequest.Header[name] = []string{r.server.fill(value)}
	}
	if body := request.bytes(r.server); body != nil {
		return httpRequest, setBody(httpRequest, body, request.Transfer)
	}
	return httpRequest, nil
}

func setBody(r *http.Request, body []byte, transfer string) error {
	switch transfer {
	case "chunked":
		r.Body, r.ContentLength = io.NopCloser(chunkReader{bytes.NewReader(body)}), -1
	case "":
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	default:
		return fmt.Errorf("unsupported transfer %q", transfer)
	}
	if len(body) == 0 {
		r.Body = http.NoBody // otherwise ContentLength 0 would mean an unknown length
	}
	return nil
}

// bytes returns the body, or nil if the request has none.
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

// chunkReader reads at most seven bytes at a time, so that net/http sends chunks of that size.
type chunkReader struct{ r io.Reader }

func (c chunkReader) Read(p []byte) (int, error) { return c.r.Read(p[:min(len(p), 7)]) }

func gunzip(body []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}
