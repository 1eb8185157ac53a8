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
	firstRoom = 64 << 10 // of a body's buffer; it grows as bytes arrive, whatever a client announces
	slowest   = 256 << 10
	patience  = 10 * time.Second
)

// transferTime is how long n bytes may take on their way: at least 256 KiB/s after a start of ten seconds.
func transferTime(n int64) time.Duration {
	return patience + time.Duration(float64(n)/slowest*float64(time.Second))
}

// readBody is the request's body as it came, or inflated. Its length is bounded, its arrival has a deadline, and its memory is taken
// from the budget as it grows. After an error the connection cannot be used again; write sees to that.
func (a *API) readBody(x *exchange) ([]byte, error) {
	r := x.Request()
	size := r.ContentLength
	if size == 0 {
		x.drained = true
		return nil, nil
	}
	expected := size
	if size < 0 || size > a.cfg.MaxRequestBytes {
		expected = a.cfg.MaxRequestBytes
	}
	_ = http.NewResponseController(x.Response()).SetReadDeadline(time.Now().Add(a.transferTime(expected)))
	body, err := a.readAll(x, r.Body, size)
	switch {
	case err == nil:
		x.drained = true
	case errors.Is(err, errCrowded):
		return nil, err
	default:
		return nil, &badBody{err}
	}
	return body, nil
}

func (a *API) readAll(x *exchange, src io.Reader, size int64) ([]byte, error) {
	most := a.cfg.MaxRequestBytes
	if !a.cfg.GzipRequests || !strings.EqualFold(x.Request().Header.Get("Content-Encoding"), "gzip") {
		return readBounded(src, size, most, x.hold)
	}
	return readInflated(src, most, x.hold)
}

// readBounded reads src to its end: at most most bytes, of which size are expected (-1: not known). Before its buffer grows it asks
// hold for the bytes.
func readBounded(src io.Reader, size, most int64, hold func(int64) error) ([]byte, error) {
	whole := most + 1 // with room to see that there is more, or no more
	if size >= 0 {
		whole = min(whole, size+1)
	}
	step := int64(2)
	if size >= 0 {
		step = 8 // less is copied and left behind as garbage
	}
	var buf []byte
	for room := min(whole, firstRoom); ; room = min(whole, step*room) {
		if err := hold(room - int64(cap(buf))); err != nil {
			return nil, err
		}
		grown := make([]byte, len(buf), room)
		copy(grown, buf)
		buf = grown
		for len(buf) < cap(buf) {
			n, err := src.Read(buf[len(buf):cap(buf)])
			buf = buf[:len(buf)+n]
			if err == io.EOF && int64(len(buf)) <= most {
				return buf, nil
			}
			if err != nil && err != io.EOF {
				return nil, err
			}
		}
		if int64(len(buf)) == whole {
			return nil, fmt.Errorf("it is longer than the limit of %d bytes", most)
		}
	}
}

// inflaters are readers to use again. They are made on first use: a gzip reader wants a header at once.
var inflaters = sync.Pool{New: func() any { return new(gzip.Reader) }}

// readInflated reads a gzip body. One member only: a body of many empty ones would cost time and yield nothing.
// GAP: TabPy reads the first member and ignores what follows.
func readInflated(src io.Reader, most int64, hold func(int64) error) ([]byte, error) {
	z := inflaters.Get().(*gzip.Reader)
	defer inflaters.Put(z)
	packed := bufio.NewReader(io.LimitReader(src, most+1))
	if err := z.Reset(packed); err != nil {
		return nil, noEnd(err)
	}
	z.Multistream(false)
	body, err := readBounded(z, -1, most, hold)
	if err != nil {
		return nil, noEnd(err)
	}
	if _, err := packed.ReadByte(); err != io.EOF {
		return nil, errors.New("gzip: there is more than one member")
	}
	return body, nil
}

// noEnd keeps an early end from passing for an end.
func noEnd(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
