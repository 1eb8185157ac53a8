package tck

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"
)

const (
	quietPeriod     = 500 * time.Millisecond // of silence after the last expected response
	responseTimeout = 10 * time.Second       // while responses are missing or incomplete
)

// rawResult is the outcome of a raw request.
type rawResult struct {
	statuses []int
	closed   bool // by the server
}

// exchangeRaw sends the bytes of a raw request on a new connection. It reads until the server
// closes the connection, or is silent for a while after minResponses complete responses.
func (r *runningServer) exchangeRaw(q Request, minResponses int) (rawResult, error) {
	conn, err := r.dial()
	if err != nil {
		return rawResult{}, err
	}
	defer conn.Close()
	if _, err := conn.Write(latin1(r.server.fill(q.Raw))); err != nil {
		return rawResult{}, err
	}
	quiet := quietPeriod
	if q.Wait > 0 {
		quiet = time.Duration(q.Wait * float64(time.Second))
	}
	var read []byte
	for wait := responseTimeout; ; {
		_ = conn.SetReadDeadline(time.Now().Add(wait)) // if this fails, so does Read
		buffer := make([]byte, 64<<10)
		n, err := conn.Read(buffer)
		read = append(read, buffer[:n]...)
		statuses, complete := parseStatuses(read, q)
		if err != nil {
			return rawResult{statuses, !errors.Is(err, os.ErrDeadlineExceeded)}, nil
		}
		if complete && len(statuses) >= minResponses {
			wait = quiet
		}
	}
}

func (r *runningServer) dial() (net.Conn, error) {
	target, err := url.Parse(r.url)
	if err != nil {
		return nil, err
	}
	if target.Scheme == "https" {
		return tls.Dial("tcp", target.Host, &tls.Config{InsecureSkipVerify: true})
	}
	return net.Dial("tcp", target.Host)
}

func latin1(text string) []byte {
	var b []byte
	for _, r := range text {
		b = append(b, byte(r))
	}
	return b
}

// parseStatuses returns the status codes of all responses in read, and reports whether the last
// response is complete.
func parseStatuses(read []byte, q Request) (statuses []int, complete bool) {
	method, _, _ := strings.Cut(q.Raw, " ")
	reader := bufio.NewReader(bytes.NewReader(read))
	for {
		if _, err := reader.Peek(1); err != nil {
			return statuses, true
		}
		response, err := http.ReadResponse(reader, &http.Request{Method: method})
		if err != nil {
			return statuses, false
		}
		statuses = append(statuses, response.StatusCode)
		if _, err := io.Copy(io.Discard, response.Body); err != nil {
			return statuses, false
		}
	}
}

// rawDifferences compares the status codes received on a connection, and whether the server closed
// it.
func (r Rules) rawDifferences(want Response, have rawResult) (all []string) {
	acceptable := append([][]int{want.Statuses}, r.Alternatives...)
	if !slices.ContainsFunc(acceptable, func(s []int) bool { return slices.Equal(s, have.statuses) }) {
		all = append(all, fmt.Sprintf("statuses %v, want one of %v", have.statuses, acceptable))
	}
	if r.Closed && have.closed != want.Closed {
		all = append(all, fmt.Sprintf("connection closed: %v, want %v", have.closed, want.Closed))
	}
	return all
}

// minResponses returns the smallest acceptable number of responses to a raw request.
func (r Rules) minResponses(want Response) int {
	lengths := []int{len(want.Statuses)}
	for _, s := range r.Alternatives {
		lengths = append(lengths, len(s))
	}
	return slices.MinFunc(lengths, cmp.Compare)
}
