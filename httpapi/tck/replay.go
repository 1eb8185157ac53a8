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

// actualResponse is an answer as it came, its body decompressed.
type actualResponse struct {
	status  int
	headers http.Header
	body    string
}

// play does what a case says, and returns how the answers differ from the recorded ones.
func (r *runningServer) replay(c Case) []string {
	defer r.client.CloseIdleConnections() // each case begins on a connection of its own
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

// ask sends a case's requests.
func (r *runningServer) sendAndCompare(c Case) []string {
	if c.Request.Raw != "" {
		result, err := r.exchangeRaw(c.Request, c.Compare.minResponses(c.Response))
		if err != nil {
			return []string{err.Error()}
		}
		return c.Compare.rawDifferences(c.Response, result)
	}
	timeout := time.Duration(cmp.Or(c.ClientTimeout, 60) * float64(time.Second))
	response, err := r.send(c.Request, timeout)
	if c.Compare.Status == statusDefect {
		return r.checkAlive() // TabPy itself ended or hung there; whatever was answered, the server must be there afterwards
	}
	if err != nil {
		return []string{"no answer: " + err.Error()}
	}
	differences := c.Compare.differences(r.fillResponse(c.Response), response)
	if c.Compare.Then != "compare" {
		return differences
	}
	for i, then := range c.Then {
		time.Sleep(time.Duration(then.Pause * float64(time.Second)))
		response, err := r.send(then.Request, timeout)
		if err != nil {
			return append(differences, fmt.Sprintf("then %d: no answer: %v", i, err))
		}
		for _, d := range c.Compare.differences(r.fillResponse(then.Response), response) {
			differences = append(differences, fmt.Sprintf("then %d: %s", i, d))
		}
	}
	return differences
}

func (r *runningServer) checkAlive() []string {
	if _, err := r.send(Request{Method: "GET", Path: "/info"}, 10*time.Second); err != nil {
		return []string{"the server is gone: " + err.Error()}
	}
	return nil
}

// expected is a recorded answer with this server's values in the place of placeholders.
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

// build makes the request exactly as recorded: the path as it stands, header names as they are, no headers of the client library.
func (r *runningServer) build(ctx context.Context, request Request) (*http.Request, error) {
	target, err := url.Parse(r.url)
	if err != nil {
		return nil, err
	}
	target.Opaque = request.Path
	httpRequest := (&http.Request{Method: request.Method, URL: target, Host: target.Host, Header: http.Header{"User-Agent": nil}}).WithContext(ctx)
	for name, value := range request.Headers {
		httpRequest.Header[name] = []string{r.server.fill(value)}
	}
	body := request.bytes(r.server)
	switch {
	case body == nil:
	case request.Transfer == "chunked":
		httpRequest.Body, httpRequest.ContentLength = io.NopCloser(chunkReader{bytes.NewReader(body)}), -1
	case request.Transfer == "":
		httpRequest.Body, httpRequest.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	default:
		return nil, errors.New("unknown transfer " + request.Transfer)
	}
	if len(body) == 0 && body != nil {
		httpRequest.Body = http.NoBody // or the length would count as unknown
	}
	return httpRequest, nil
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
type chunkReader struct{ r io.Reader }

func (s chunkReader) Read(p []byte) (int, error) { return s.r.Read(p[:min(len(p), 7)]) }

func gunzip(body []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}
