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
type answer struct {
	status      int
	contentType string
	body        []byte
}

const (
	leastGzip  = 1024      // shorter answers are not compressed
	drainable  = 256 << 10 // net/http reads that much of an unread body by itself; beyond it closes, and the client may see a reset
	lingerTime = 5 * time.Second
)

// write sends an answer. Answers are never chunked: all carry their length. A handler may have set an ETag of its own.
func (x *exchange) write(ans answer) error {
	header := x.Response().Header()
	if ans.status == http.StatusNoContent {
		x.Response().WriteHeader(ans.status)
		return nil
	}
	if ans.status == http.StatusOK && (x.Request().Method == http.MethodGet || x.Request().Method == http.MethodHead) {
		tag := header.Get("Etag")
		if tag == "" {
			tag = etag(ans.body)
			header.Set("Etag", tag)
		}
		if tagMatches(x.Request().Header.Get("If-None-Match"), tag) {
			x.Response().WriteHeader(http.StatusNotModified)
			return nil
		}
	}
	header.Set("Content-Type", ans.contentType)
	if len(ans.body) >= leastGzip && wantsGzip(x.Request()) { // all content types are texts
		header.Set("Content-Encoding", "gzip")
		ans.body = deflate(ans.body)
	}
	header.Set("Content-Length", strconv.Itoa(len(ans.body)))
	return x.send(ans)
}

// wantsGzip is exactly TabPy's test: the lower-case word anywhere, so that "gzip;q=0" counts and "*" does not.
func wantsGzip(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept-Encoding"), "gzip")
}

// send writes the head and the body within a deadline that fits the body.
func (x *exchange) send(ans answer) error {
	control := http.NewResponseController(x.Response())
	_ = control.SetWriteDeadline(time.Now().Add(x.api.transferTime(int64(len(ans.body)))))
	pending := x.pending()
	if pending {
		x.Response().Header().Set("Connection", "close")
		_ = control.EnableFullDuplex() // or net/http closes the body at the first byte of the answer
	}
	x.Response().WriteHeader(ans.status)
	if x.Request().Method == http.MethodHead {
		return nil
	}
	_, err := x.Response().Write(ans.body)
	if pending && err == nil {
		x.linger(control)
	}
	return err
}

// pending reports whether a client may still be sending a body that nobody will read. In HTTP/2 that ends the stream and nothing else.
func (x *exchange) pending() bool {
	return !x.drained && x.Request().ProtoMajor == 1 && (x.Request().ContentLength < 0 || x.Request().ContentLength > drainable)
}

// linger goes on reading for a while and drops what comes: closing a socket with unread bytes resets the connection, and a client
// that is busy sending would never see why it was refused.
func (x *exchange) linger(control *http.ResponseController) {
	if x.Request().Header.Get("Expect") != "" || control.Flush() != nil {
		return
	}
	_ = control.SetReadDeadline(time.Now().Add(lingerTime))
	_, _ = io.Copy(io.Discard, x.Request().Body)
}

func etag(body []byte) string {
	sum := sha1.Sum(body)
	return `"` + hex.EncodeToString(sum[:]) + `"`
}

var tags = regexp.MustCompile(`\*|(?:W/)?"[^"]*"`)

// tagMatches applies If-None-Match: a list of tags, compared weakly, or a star.
func tagMatches(wanted, tag string) bool {
	for i, t := range tags.FindAllString(wanted, 64) {
		if strings.TrimPrefix(t, "W/") == tag || (i == 0 && t == "*") {
			return true
		}
	}
	return false
}

// deflaters are writers to use again: each has tables of some hundred kilobytes. They are fast rather than thorough: the network is near.
var deflaters = sync.Pool{New: func() any {
	z, err := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed)
	if err != nil {
		panic(err) // the level is a constant
	}
	return z
}}

func deflate(body []byte) []byte {
	z := deflaters.Get().(*gzip.Writer)
	defer deflaters.Put(z)
	var packed bytes.Buffer
	z.Reset(&packed)
	_, err := z.Write(body)
	if err = errors.Join(err, z.Close()); err != nil {
		panic(err) // a bytes.Buffer takes everything
	}
	z.Reset(io.Discard) // or the pool would keep the answer
	return packed.Bytes()
}
