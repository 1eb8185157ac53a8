package httpapi

import (
	"bytes"
	"crypto/sha1" // an ETag is no secret: TabPy's is SHA-1, and clients may have it stored
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

// Content types as TabPy sends them: the plain one where its handlers write text, the other where they write an object.
const (
	jsonPlain = "application/json"
	jsonUTF8  = "application/json; charset=UTF-8"
	html      = "text/html; charset=UTF-8"
)

// answer is what a client gets.
type response struct {
	status      int
	contentType string
	body        []byte
}

const (
	minGzipSize   = 1024      // shorter answers are not compressed
	maxUnreadBody = 256 << 10 // net/http reads that much of an unread body by itself; beyond it closes, and the client may see a reset
	lingerTimeout = 5 * time.Second
)

// write sends an answer. Answers are never chunked: all carry their length. A handler may have set an ETag of its own.
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
	if len(resp.body) >= minGzipSize && acceptsGzip(req.Request()) { // all content types are texts
		header.Set("Content-Encoding", "gzip")
		resp.body = compress(resp.body)
	}
	header.Set("Content-Length", strconv.Itoa(len(resp.body)))
	return req.send(resp)
}

// wantsGzip is exactly TabPy's test: the lower-case word anywhere, so that "gzip;q=0" counts and "*" does not.
func acceptsGzip(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept-Encoding"), "gzip")
}

// send writes the head and the body within a deadline that fits the body.
func (req *request) send(resp response) error {
	control := http.NewResponseController(req.Response())
	_ = control.SetWriteDeadline(time.Now().Add(req.api.transferTimeout(int64(len(resp.body)))))
	pending := req.bodyPending()
	if pending {
		req.Response().Header().Set("Connection", "close")
		_ = control.EnableFullDuplex() // or net/http closes the body at the first byte of the answer
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

// pending reports whether a client may still be sending a body that nobody will read. In HTTP/2 that ends the stream and nothing else.
func (req *request) bodyPending() bool {
	return !req.bodyRead && req.Request().ProtoMajor == 1 && (req.Request().ContentLength < 0 || req.Request().ContentLength > maxUnreadBody)
}

// linger goes on reading for a while and drops what comes: closing a socket with unread bytes resets the connection, and a client
// that is busy sending would never see why it was refused.
func (req *request) linger(control *http.ResponseController) {
	if req.Request().Header.Get("Expect") != "" || control.Flush() != nil {
		return
	}
	_ = control.SetReadDeadline(time.Now().Add(lingerTimeout))
	_, _ = io.Copy(io.Discard, req.Request().Body)
}

func etag(body []byte) string {
	sum := sha1.Sum(body)
	return `"` + hex.EncodeToString(sum[:]) + `"`
}

var entityTags = regexp.MustCompile(`\*|(?:W/)?"[^"]*"`)

// tagMatches applies If-None-Match: a list of tags, compared weakly, or a star.
func etagMatches(wanted, tag string) bool {
	for i, t := range entityTags.FindAllString(wanted, 64) {
		if strings.TrimPrefix(t, "W/") == tag || (i == 0 && t == "*") {
			return true
		}
	}
	return false
}

// deflaters are writers to use again: each has tables of some hundred kilobytes. They are fast rather than thorough: the network is near.
var gzipWriters = sync.Pool{New: func() any {
	z, err := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed)
	if err != nil {
		panic(err) // the level is a constant
	}
	return z
}}

func compress(body []byte) []byte {
	z := gzipWriters.Get().(*gzip.Writer)
	defer gzipWriters.Put(z)
	var packed bytes.Buffer
	z.Reset(&packed)
	_, err := z.Write(body)
	if err = errors.Join(err, z.Close()); err != nil {
		panic(err) // a bytes.Buffer takes everything
	}
	z.Reset(io.Discard) // or the pool would keep the answer
	return packed.Bytes()
}
