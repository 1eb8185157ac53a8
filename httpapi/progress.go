package httpapi

import (
	"io"
	"net/http"
	"time"
)

// pace is the progress that a client has to make while it sends a body or reads a response: bytes
// in every window. A client that stops or crawls thus keeps memory and a connection for one window
// only, however large the body is.
type pace struct {
	window time.Duration
	bytes  int64
}

// defaultPace is 256 KiB/s. The window allows for the start of a connection and for short gaps.
var defaultPace = pace{window: 5 * time.Second, bytes: 5 * minTransferRate}

const minTransferRate = 256 << 10 // bytes per second

// transferTimeout returns the longest time that the transfer of n bytes may take.
func (p pace) transferTimeout(n int64) time.Duration { return p.window * time.Duration(1+n/p.bytes) }

// transfer renews the deadline of a connection or stream as long as the client keeps the pace.
type transfer struct {
	pace
	setDeadline func(time.Time) error
	missing     int64 // bytes to go in the current window
}

// newTransfer starts the first window.
func newTransfer(p pace, setDeadline func(time.Time) error) *transfer {
	t := &transfer{pace: p, setDeadline: setDeadline}
	t.nextWindow()
	return t
}

func (t *transfer) nextWindow() {
	t.missing = t.bytes
	_ = t.setDeadline(time.Now().Add(t.window)) // fails only for connections without deadlines, in tests
}

// add counts n transferred bytes.
func (t *transfer) add(n int) {
	if t.missing -= int64(n); t.missing <= 0 {
		t.nextWindow()
	}
}

// pacedReader reads a body that must arrive in time. Otherwise Read returns an error that wraps
// os.ErrDeadlineExceeded.
type pacedReader struct {
	body io.Reader
	*transfer
}

// Read implements io.Reader. At the end of the body it leaves the deadline to net/http, which then
// waits for the client to disconnect and must not be interrupted.
func (r pacedReader) Read(p []byte) (int, error) {
	n, err := r.body.Read(p)
	if err == nil {
		r.add(n)
	}
	return n, err
}

// pacedWriter writes a response that the client must read in time.
type pacedWriter struct {
	response io.Writer
	*transfer
}

// pacedResponse is a response whose body goes through a pacedWriter.
type pacedResponse struct {
	http.ResponseWriter
	paced pacedWriter
}

// Write implements io.Writer.
func (r pacedResponse) Write(p []byte) (int, error) { return r.paced.Write(p) }

// writeStep is the number of bytes between two looks at the progress.
const writeStep = 64 << 10

// Write implements io.Writer.
func (w pacedWriter) Write(p []byte) (written int, err error) {
	for written < len(p) && err == nil {
		var n int
		n, err = w.response.Write(p[written:min(written+writeStep, len(p))])
		written += n
		w.add(n)
	}
	return written, err
}
