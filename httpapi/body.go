package httpapi

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"
)

const (
	initialBuffer   = 64 << 10 // of a body's buffer; it grows as bytes arrive, whatever a client announces
	minTransferRate = 256 << 10
	transferGrace   = 10 * time.Second
)

// transferTime is how long n bytes may take on their way: at least 256 KiB/s after a start of ten seconds.
func transferTimeout(n int64) time.Duration {
	return transferGrace + time.Duration(float64(n)/minTransferRate*float64(time.Second))
}

// readBody is the request's body as it came, or inflated. Its length is bounded, its arrival has a deadline, and its memory is taken
// from the budget as it grows. After an error the connection cannot be used again; write sees to that.
func (a *API) readBody(req *request) ([]byte, error) {
	r := req.Request()
	size := r.ContentLength
	if size == 0 {
		req.bodyRead = true
		return nil, nil
	}
	expected := size
	if size < 0 || size > a.cfg.MaxRequestBytes {
		expected = a.cfg.MaxRequestBytes
	}
	_ = http.NewResponseController(req.Response()).SetReadDeadline(time.Now().Add(a.transferTimeout(expected)))
	body, err := a.readAll(req, r.Body, size)
	switch {
	case err == nil:
		req.bodyRead = true
	case errors.Is(err, errBudgetExceeded):
		return nil, err
	default:
		return nil, &bodyReadError{err}
	}
	return body, nil
}

func (a *API) readAll(req *request, src io.Reader, size int64) ([]byte, error) {
	limit := a.cfg.MaxRequestBytes
	if !a.cfg.GzipRequests || !strings.EqualFold(req.Request().Header.Get("Content-Encoding"), "gzip") {
		return readBounded(src, size, limit, req.reserve)
	}
	return readGzip(src, limit, req.reserve)
}

// readBounded reads src to its end: at most most bytes, of which size are expected (-1: not known). Before its buffer grows it asks
// hold for the bytes.
func readBounded(src io.Reader, size, limit int64, reserve func(int64) error) ([]byte, error) {
	whole := limit + 1 // with room to see that there is more, or no more
	if size >= 0 {
		whole = min(whole, size+1)
	}
	step := int64(2)
	if size >= 0 {
		step = 8 // less is copied and left behind as garbage
	}
	var buf []byte
	for room := min(whole, initialBuffer); ; room = min(whole, step*room) {
		if err := reserve(room - int64(cap(buf))); err != nil {
			return nil, err
		}
		grown := make([]byte, len(buf), room)
		copy(grown, buf)
		buf = grown
		for len(buf) < cap(buf) {
			n, err := src.Read(buf[len(buf):cap(buf)])
			buf = buf[:len(buf)+n]
			if err == io.EOF && int64(len(buf)) <= limit {
				return buf, nil
			}
			if err != nil && err != io.EOF {
				return nil, err
			}
		}
		if int64(len(buf)) == whole {
			return nil, fmt.Errorf("it is longer than the limit of %d bytes", limit)
		}
	}
}

// inflaters are readers to use again. They are made on first use: a gzip reader wants a header at once.
var gzipReaders = sync.Pool{New: func() any { return new(gzip.Reader) }}

// readInflated reads a gzip body. One member only: a body of many empty ones would cost time and yield nothing.
// GAP: TabPy reads the first member and ignores what follows.
func readGzip(src io.Reader, limit int64, reserve func(int64) error) ([]byte, error) {
	z := gzipReaders.Get().(*gzip.Reader)
	defer gzipReaders.Put(z)
	packed := bufio.NewReader(io.LimitReader(src, limit+1))
	if err := z.Reset(packed); err != nil {
		return nil, unexpectedEOF(err)
	}
	z.Multistream(false)
	body, err := readBounded(z, -1, limit, reserve)
	if err != nil {
		return nil, unexpectedEOF(err)
	}
	if _, err := packed.ReadByte(); err != io.EOF {
		return nil, errors.New("gzip: there is more than one member")
	}
	return body, nil
}

// noEnd keeps an early end from passing for an end.
func unexpectedEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
