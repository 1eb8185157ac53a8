package httpapi

import (
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

// response is the result of a handler. The zero value means that the handler has sent the response
// itself.
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
		if header.Get("Etag") == "" {
			header.Set("Etag", etag(resp.body))
		}
		if req.isNotModified() {
			return nil
		}
	}
	header.Set("Content-Type", resp.contentType)
	// all content types are text
	if len(resp.body) >= minGzipSize && acceptsGzip(req.Request()) && header.Get("Content-Encoding") == "" {
		resp.body = req.compressed(resp.body)
	}
	return req.send(resp.status, int64(len(resp.body)), writeBytes(resp.body))
}

// isNotModified sends 304 and returns true if the client has the content that the Etag header
// names.
func (req *request) isNotModified() bool {
	if !etagMatches(req.Request().Header.Get("If-None-Match"), req.Response().Header().Get("Etag")) {
		return false
	}
	req.Response().WriteHeader(http.StatusNotModified)
	return true
}

// compressed returns body in gzip format and sets the Content-Encoding. If the budget has no memory
// for that, it returns body.
func (req *request) compressed(body []byte) []byte {
	text, err := compress(writeBytes(body), req.memory())
	if err != nil {
		return body
	}
	_ = req.memory().resize(int64(cap(text))) // less than before: body is not needed any more
	req.Response().Header().Set("Content-Encoding", "gzip")
	return text
}

// content writes the body of a response. It returns the error of the writer.
type content func(io.Writer) error

// writeBytes returns a content that writes body.
func writeBytes(body []byte) content {
	return func(w io.Writer) error {
		_, err := w.Write(body)
		return err
	}
}

// acceptsGzip reports whether the client accepts gzip. The test is TabPy's: the lower-case word
// anywhere in the header, so that "gzip;q=0" accepts it and "*" does not.
func acceptsGzip(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept-Encoding"), "gzip")
}

// send writes the headers and a body of the given size. The client must read the body at the pace
// of the server.
func (req *request) send(status int, size int64, write content) error {
	req.Response().Header().Set("Content-Length", strconv.FormatInt(size, 10))
	control := http.NewResponseController(req.Response())
	paced := pacedWriter{req.Response(), newTransfer(req.api.pace, control.SetWriteDeadline)}
	pending := req.bodyPending()
	if pending {
		req.Response().Header().Set("Connection", "close")
		_ = control.EnableFullDuplex() // otherwise net/http closes the body when the response begins
	}
	req.Response().WriteHeader(status)
	if req.Request().Method == http.MethodHead {
		return nil
	}
	err := write(paced)
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

// compress returns text in gzip format. It returns the error of mem if there is no memory for it.
func compress(text content, mem memory) ([]byte, error) {
	z := gzipWriters.Get().(*gzip.Writer)
	defer gzipWriters.Put(z)
	defer z.Reset(io.Discard) // otherwise the pool would keep the response alive
	compressed := &countedBuffer{memory: mem}
	z.Reset(compressed)
	if err := errors.Join(text(z), z.Close()); err != nil {
		mem.release(int64(cap(compressed.bytes)))
		return nil, err
	}
	return compressed.bytes, nil
}

// countedBuffer collects bytes and reserves the capacity that it uses.
type countedBuffer struct {
	memory memory
	bytes  []byte
}

// Write implements io.Writer. It returns the error of the memory.
func (b *countedBuffer) Write(p []byte) (int, error) {
	if needed := len(b.bytes) + len(p); needed > cap(b.bytes) {
		capacity := max(needed, 2*cap(b.bytes), minGzipSize)
		if err := b.memory.reserve(int64(capacity)); err != nil {
			return 0, err
		}
		grown := make([]byte, len(b.bytes), capacity)
		copy(grown, b.bytes)
		b.memory.release(int64(cap(b.bytes)))
		b.bytes = grown
	}
	b.bytes = append(b.bytes, p...)
	return len(p), nil
}
