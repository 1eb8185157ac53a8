package httpapi

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// initialBuffer is the first size of a body's buffer, which grows as bytes arrive, regardless of
// the announced size.
const initialBuffer = 64 << 10

// readBody returns the request's body, decompressed if necessary. It limits the body's size,
// demands that the body arrives at the pace of the server, and reserves its memory from the budget
// as it grows. After an error the connection cannot be reused; send takes care of that.
func (a *API) readBody(req *request) ([]byte, error) {
	return a.readBodyLimit(req, a.cfg.MaxRequestBytes)
}

// readBodyLimit is readBody with another limit of the body's size.
func (a *API) readBodyLimit(req *request, limit int64) ([]byte, error) {
	r := req.Request()
	size := r.ContentLength
	if size == 0 {
		req.bodyRead = true
		return nil, nil
	}
	paced := pacedReader{r.Body, newTransfer(a.pace, http.NewResponseController(req.Response()).SetReadDeadline)}
	body, err := a.readAll(req, paced, size, limit)
	switch {
	case err == nil:
		req.bodyRead = true
	case errors.Is(err, errBudgetExceeded):
		return nil, err
	case errors.Is(err, errOverLimit):
		return nil, &bodyReadError{fmt.Errorf("the body %w (TABPY_MAX_REQUEST_SIZE_MB)", err)}
	default:
		return nil, &bodyReadError{err}
	}
	return body, nil
}

func (a *API) readAll(req *request, src io.Reader, size, limit int64) ([]byte, error) {
	if !a.cfg.GzipRequests || !strings.EqualFold(req.Request().Header.Get("Content-Encoding"), "gzip") {
		return readBounded(src, size, limit, req.memory())
	}
	return readGzip(src, limit, req.memory())
}

var errOverLimit = errors.New("exceeds the limit")

// readBounded reads src to its end. It fails with errOverLimit if src has more than limit bytes.
// size is the expected number of bytes, or -1 if it is unknown. It reserves the capacity of its
// buffer, and while the buffer grows, that of the old one too.
func readBounded(src io.Reader, size, limit int64, mem memory) ([]byte, error) {
	maxSize := limit + 1 // one more byte, to detect the end or an excess
	if size >= 0 {
		maxSize = min(maxSize, size+1)
	}
	step := int64(2)
	if size >= 0 {
		step = 8 // fewer copies, less garbage
	}
	var buf []byte
	for capacity := min(maxSize, initialBuffer); ; capacity = min(maxSize, step*capacity) {
		if err := mem.reserve(capacity); err != nil {
			return nil, err
		}
		grown := make([]byte, len(buf), capacity)
		copy(grown, buf)
		mem.release(int64(cap(buf)))
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
		if int64(len(buf)) == maxSize {
			return nil, fmt.Errorf("%w of %d bytes", errOverLimit, limit)
		}
	}
}

// gzipReaders reuses readers. The zero Reader is valid here, since every use begins with Reset.
var gzipReaders = sync.Pool{New: func() any { return new(gzip.Reader) }}

// readGzip decompresses a gzip body. It accepts one member only, because a body of very many empty
// members would cost time and yield nothing.
//
// GAP: TabPy reads the first member and ignores the rest.
func readGzip(src io.Reader, limit int64, mem memory) ([]byte, error) {
	z := gzipReaders.Get().(*gzip.Reader)
	defer gzipReaders.Put(z)
	compressed := bufio.NewReader(io.LimitReader(src, limit+1))
	if err := z.Reset(compressed); err != nil {
		return nil, unexpectedEOF(err)
	}
	z.Multistream(false)
	body, err := readBounded(z, -1, limit, mem)
	if err != nil {
		return nil, unexpectedEOF(err)
	}
	if _, err := compressed.ReadByte(); err != io.EOF {
		return nil, errors.New("gzip: the body has data after the first member")
	}
	return body, nil
}

// unexpectedEOF returns err, with io.EOF replaced: an early end is an error, not a normal end.
func unexpectedEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
