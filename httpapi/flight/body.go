package flight

import (
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"tabcell/httpapi"
)

const (
	// idleStream is the time in which a client must send or read something.
	idleStream = 30 * time.Second
	// renewal is the time between two renewals of a deadline. Each costs a message to the connection.
	renewal = time.Second
	// reserveStep is the number of bytes that are reserved at once.
	reserveStep = 256 << 10
	prefixSize  = 5 // of a message of gRPC: a flag, and the size
)

// body reads the messages of a client. It returns the prefix of each on its own, and fills the
// buffers of the reader with its content: gRPC keeps whole buffers, also for frames of few bytes. It
// reserves memory for the content, and demands that something arrives in time.
type body struct {
	src      io.ReadCloser
	call     *httpapi.FlightCall
	deadline deadline
	canceled func() error // the error of the request's context

	missing  int64 // bytes of the current message
	received int64 // bytes of all messages
	reserved int64 // bytes that may arrive without another reservation

	mu     sync.Mutex // guards the fields below
	err    error
	closed bool // errors are due to gRPC, which reads no further
}

func newBody(r *http.Request, call *httpapi.FlightCall, control *http.ResponseController, idle time.Duration) *body {
	d := deadline{set: control.SetReadDeadline, idle: idle, end: call.Deadline()}
	return &body{src: r.Body, call: call, deadline: d, canceled: r.Context().Err}
}

// Read implements io.Reader. The length of p must be at least prefixSize.
func (b *body) Read(p []byte) (n int, err error) {
	if b.missing > 0 {
		n, err = b.readContent(p)
	} else {
		n, err = b.readPrefix(p[:prefixSize])
	}
	if err != nil && err != io.EOF {
		b.fail(err)
	}
	return n, err
}

// fail records an error of the client.
func (b *body) fail(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.closed {
		b.err = err
	}
}

func (b *body) readPrefix(p []byte) (int, error) {
	n, err := b.fill(p)
	if err != nil {
		return n, err
	}
	b.missing = int64(binary.BigEndian.Uint32(p[1:]))
	if limit := b.call.MaxTable() + maxMessageOverhead; b.missing > limit {
		return n, b.call.Reserve(limit, b.missing) // too large for any call
	}
	return n, nil
}

// reserve reserves memory for n bytes of the current message.
func (b *body) reserve(n int) error {
	if b.reserved >= int64(n) {
		return nil
	}
	step := max(int64(n), min(b.missing, reserveStep))
	if err := b.call.Reserve(b.received, step); err != nil {
		return err
	}
	b.reserved += step
	return nil
}

func (b *body) readContent(p []byte) (int, error) {
	p = p[:min(int64(len(p)), b.missing)]
	if err := b.reserve(len(p)); err != nil {
		return 0, err
	}
	n, err := b.fill(p)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	b.missing -= int64(n)
	b.received += int64(n)
	b.reserved -= int64(n)
	return n, err
}

// fill reads len(p) bytes. It returns io.EOF only if there are none.
func (b *body) fill(p []byte) (n int, err error) {
	for n < len(p) && err == nil {
		b.deadline.renew()
		var read int
		read, err = b.src.Read(p[n:])
		n += read
	}
	switch {
	case n == len(p):
		return n, nil
	case err == io.EOF && n > 0:
		err = fmt.Errorf("the client ended the stream within a message: %w", io.ErrUnexpectedEOF)
	case b.canceled() != nil: // net/http has canceled the context before it made the stream fail
		err = b.canceled()
	}
	return n, err
}

// failure returns the error of the last Read, or nil if it was the end of the stream.
func (b *body) failure() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.err
}

// Close implements io.Closer.
func (b *body) Close() error {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	return b.src.Close()
}

// deadline is a deadline of a stream, which is renewed while there is progress, up to an end.
type deadline struct {
	set     func(time.Time) error
	idle    time.Duration
	end     time.Time
	renewed time.Time
}

// limit makes the stream end at a time, unless it ends earlier.
func (d *deadline) limit(end time.Time) {
	if end.Before(d.end) {
		d.end = end
	}
}

func (d *deadline) renew() {
	now := time.Now()
	if now.Sub(d.renewed) < min(renewal, d.idle/2) {
		return
	}
	d.renewed = now
	next := now.Add(d.idle)
	if d.end.Before(next) {
		next = d.end
	}
	_ = d.set(next) // fails only for responses without deadlines, in tests
}

// pacedWriter is a response that the client must read in time.
type pacedWriter struct {
	http.ResponseWriter
	flusher  http.Flusher
	deadline deadline
}

func newPacedWriter(w http.ResponseWriter, idle time.Duration, end time.Time) *pacedWriter {
	flusher, _ := w.(http.Flusher) // gRPC refuses a response without it
	return &pacedWriter{w, flusher, deadline{set: http.NewResponseController(w).SetWriteDeadline, idle: idle, end: end}}
}

// Write implements io.Writer.
func (w *pacedWriter) Write(p []byte) (int, error) {
	w.deadline.renew()
	return w.ResponseWriter.Write(p)
}

// Flush implements http.Flusher.
func (w *pacedWriter) Flush() {
	w.deadline.renew()
	w.flusher.Flush()
}
