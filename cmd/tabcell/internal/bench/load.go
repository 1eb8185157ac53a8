package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Load sends the request of a case repeatedly over persistent connections and checks every
// response.
type Load struct {
	Client         *http.Client
	url            string // of the server, without a path
	User, Password string // for basic authentication, if User is not empty
	c              Case
	body           []byte
	First          []byte // the first response, without its varying parts
}

// Result is the result of a run of a case.
type Result struct {
	Case        string        `json:"case"`
	Connections int           `json:"connections"`
	Requests    int           `json:"requests"`
	Took        time.Duration `json:"took_ns"`
	P50         time.Duration `json:"p50_ns"`
	P99         time.Duration `json:"p99_ns"`
}

// Rate returns the requests per second.
func (r Result) Rate() float64 { return float64(r.Requests) / r.Took.Seconds() }

// NewLoad returns a Load for a case. url is that of the server, without a path.
func NewLoad(client *http.Client, url string, c Case) *Load {
	l := &Load{Client: client, url: url, c: c}
	if c.Body != nil {
		l.body = c.Body()
	}
	if l.c.Method == "" {
		l.c.Method, l.c.Path = http.MethodPost, "/evaluate"
	}
	return l
}

// NewClient returns a client that keeps up to the given number of idle connections. It changes
// transport.
func NewClient(connections int, transport *http.Transport) *http.Client {
	transport.MaxIdleConnsPerHost, transport.MaxIdleConns = connections, connections
	transport.DisableCompression = true
	return &http.Client{Transport: transport, Timeout: 2 * time.Minute}
}

// send sends one request and returns the response body.
func (l *Load) send(ctx context.Context) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, l.c.Method, l.url+l.c.Path, bytes.NewReader(l.body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	if l.User != "" {
		r.SetBasicAuth(l.User, l.Password)
	}
	response, err := l.Client.Do(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	b, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("status %d: %.300s", response.StatusCode, bytes.TrimSpace(b))
	}
	return b, err
}

// WarmUp sends the first request and checks its response.
func (l *Load) WarmUp(ctx context.Context) error {
	response, err := l.send(ctx)
	if err == nil {
		err = l.c.Check(response)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", l.c.Name, err)
	}
	l.First = l.withoutVarying(response)
	return nil
}

// withoutVarying returns a response without the parts that may differ.
func (l *Load) withoutVarying(response []byte) []byte {
	if l.c.Varies == nil {
		return response
	}
	return l.c.Varies.ReplaceAll(response, nil)
}

// Run sends requests over the given number of connections for the given time, and at least one over
// each.
func (l *Load) Run(ctx context.Context, connections int, duration time.Duration) (Result, error) {
	var group sync.WaitGroup
	times := make([][]time.Duration, connections)
	failures := make([]error, connections)
	start := time.Now()
	for i := range connections {
		group.Go(func() { times[i], failures[i] = l.Repeat(ctx, start.Add(duration)) })
	}
	group.Wait()
	result := Result{Case: l.c.Name, Connections: connections, Took: time.Since(start)}
	all := slices.Concat(times...)
	if err := errors.Join(failures...); err != nil {
		return result, fmt.Errorf("%s: %w", l.c.Name, err)
	}
	slices.Sort(all)
	result.Requests, result.P50, result.P99 = len(all), all[len(all)/2], all[len(all)*99/100]
	return result, nil
}

// Repeat sends requests one after another until the given time, but at least one, and returns their
// durations.
func (l *Load) Repeat(ctx context.Context, until time.Time) (times []time.Duration, err error) {
	for len(times) == 0 || time.Now().Before(until) {
		start := time.Now()
		response, err := l.send(ctx)
		if err != nil {
			return times, err
		}
		times = append(times, time.Since(start))
		if !bytes.Equal(l.withoutVarying(response), l.First) {
			return times, fmt.Errorf("a response differs from the first: %.100q", response)
		}
	}
	return times, nil
}

// Milliseconds returns a duration in milliseconds.
func Milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
