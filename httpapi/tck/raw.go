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
	quietPeriod     = 500 * time.Millisecond // after so long nothing more will come
	responseTimeout = 10 * time.Second       // unless answers are missing
)

// conversation is what came back on a connection.
type rawResult struct {
	statuses []int
	closed   bool // by the server
}

// converse sends bytes on a connection of their own and reads until the server closes, or is silent after so many answers.
func (r *runningServer) exchangeRaw(q Request, answers int) (rawResult, error) {
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
		_ = conn.SetReadDeadline(time.Now().Add(wait)) // fails with the connection, which the next line tells
		buffer := make([]byte, 64<<10)
		n, err := conn.Read(buffer)
		read = append(read, buffer[:n]...)
		statuses, complete := parseStatuses(read, q)
		if err != nil {
			return rawResult{statuses, !errors.Is(err, os.ErrDeadlineExceeded)}, nil
		}
		if complete && len(statuses) >= answers {
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

// answersIn are the statuses of all answers in what was read, and whether the last one is complete.
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

// rawDifferences compares the statuses of a connection, and whether it was closed.
func (r Rules) rawDifferences(want Response, have rawResult) (all []string) {
	acceptable := append([][]int{want.Statuses}, r.Alternatives...)
	if !slices.ContainsFunc(acceptable, func(s []int) bool { return slices.Equal(s, have.statuses) }) {
		all = append(all, fmt.Sprintf("statuses %v, want one of %v", have.statuses, acceptable))
	}
	if r.Closed && have.closed != want.Closed {
		all = append(all, fmt.Sprintf("closed: %v, want %v", have.closed, want.Closed))
	}
	return all
}

// fewest is the number of answers that are acceptable.
func (r Rules) minResponses(want Response) int {
	lengths := []int{len(want.Statuses)}
	for _, s := range r.Alternatives {
		lengths = append(lengths, len(s))
	}
	return slices.MinFunc(lengths, cmp.Compare)
}
