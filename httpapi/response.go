package httpapi

import (
	"bytes"
	"crypto/sha1" // for ETags only: TabPy uses SHA-1, and clients may have stored its ETags
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"
)

// Content types. TabPy sends jsonPlain where its handlers write text, and jsonUTF8 where they write
// an object.
const (
	jsonPlain = "application/json"
	jsonUTF8  = "application/json; charset=UTF-8"
	html      = "text/html; charset=UTF-8"
)

// response is the result of a handler.
type response struct {
	status      int
	contentType string
	body        []byte
}

const (
	minGzipSize = 1024 // shorter responses are not compressed

	// maxUnreadBody is the size of an unread body that net/http discards by itself. If more is
	// left, it closes the connection, and the client may see a reset instead of the response.
	maxUnreadBody = 256 << 10

	lingerTimeout = 5 * time.Second
)

// write sends resp. Responses always carry a Content-Length and are never chunked. The ETag is the
// SHA-1 of the body, unless the handler has set another one.
func (req *request) write(resp response) error {
	header := req.Response().Header()
	if resp.status == http.StatusNoContent {
		req.Response().WriteHeader(resp.status)
		return nil
	}
	if resp.status == http.StatusOK && (req.Request().Method == http.MethodGet || req.Request().Method == http.MethodHead) {
		tag := header.Get("Etag")
		if tag == "" {
			tag = etag(resp.body)
			header.Set("Etag", tag)
		}
		if etagMatches(req.Request().Header.Get("If-None-Match"), tag) {
			req.Response().WriteHeader(http.StatusNotModified)
			return nil
		}
	}
	header.Set("Content-Type", resp.contentType)
	if len(resp.body) >= minGzipSize && acceptsGzip(req.Request()) { // all content types are text
		header.Set("Content-Encoding", "gzip")
		resp.body = compress(resp.body)
	}
	header.Set("Content-Length", strconv.Itoa(len(resp.body)))
	return req.send(resp)
}

// acceptsGzip reports whether the client accepts gzip. The test is TabPy's: the lower-case word
// anywhere in the header, so that "gzip;q=0" accepts it and "*" does not.
func acceptsGzip(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept-Encoding"), "gzip")
}

// send writes the headers and the body, with a deadline that fits the size of the body.
func (req *request) send(resp response) error {
	control := http.NewResponseController(req.Response())
	_ = control.SetWriteDeadline(time.Now().Add(req.api.transferTimeout(int64(len(resp.body)))))
	pending := req.bodyPending()
	if pending {
		req.Response().Header().Set("Connection", "close")
		_ = control.EnableFullDuplex() // otherwise net/http closes the body when the response begins
	}
	req.Response().WriteHeader(resp.status)
	if req.Request().Method == http.MethodHead {
		return nil
	}
	_, err := req.Response().Write(resp.body)
	if pending && err == nil {
		req.linger(control)
	}
	return err
}

// bodyPending reports whether the client may still be sending a body that no handler will read.
// With HTTP/2 it returns false: an unread body ends only its stream.
func (req *request) bodyPending() bool {
	return !req.bodyRead && req.Request().ProtoMajor == 1 && (req.Request().ContentLength < 0 || req.Request().ContentLength > maxUnreadBody)
}

// linger reads and discards the rest of the body for a limited time. Closing a socket with unread
// bytes resets the connection, and a client that is still sending would not see the response.
func (req *request) linger(control *http.ResponseController) {
	if req.Request().Header.Get("Expect") != "" || control.Flush() != nil {
		return
	}
	_ = control.SetReadDeadline(time.Now().Add(lingerTimeout))
	_, _ = io.Copy(io.Discard, req.Request().Body)
}

// etag returns the SHA-1 of body in quotes, as TabPy does.
func etag(body []byte) string {
	sum := sha1.Sum(body)
	return `"` + hex.EncodeToString(sum[:]) + `"`
}

var entityTags = regexp.MustCompile(`\*|(?:W/)?"[^"]*"`)

// etagMatches reports whether etag matches the If-None-Match header wanted: a list of ETags, which
// are compared weakly, or "*".
func etagMatches(wanted, etag string) bool {
	for i, t := range entityTags.FindAllString(wanted, 64) {
		if strings.TrimPrefix(t, "W/") == etag || (i == 0 && t == "*") {
			return true
		}
	}
	return false
}

// gzipWriters reuses writers, since each has tables of several hundred kilobytes. They use the
// fastest compression level, because clients are usually on the same network.
var gzipWriters = sync.Pool{New: func() any {
	z, err := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed)
	if err != nil {
		panic(err) // the level is a constant
	}
	return z
}}

// compress returns body in gzip format.
func compress(body []byte) []byte {
	z := gzipWriters.Get().(*gzip.Writer)
	defer gzipWriters.Put(z)
	var compressed bytes.Buffer
	z.Reset(&compressed)
	_, err := z.Write(body)
	if err = errors.Join(err, z.Close()); err != nil {
		panic(err) // writes to a bytes.Buffer do not fail
	}
	z.Reset(io.Discard) // otherwise the pool would keep the response alive
	return compressed.Bytes()
}
