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

// Load sends one request again and again over connections that are kept, and looks at every answer.
type Load struct {
	Client         *http.Client
	url            string // without a path
	User, Password string // "" without authentication
	c              Case
	body           []byte
	First          []byte // the answer that was looked at closely
}

// Measure is what one run of a case gave.
type Measure struct {
	Case        string        `json:"case"`
	Connections int           `json:"connections"`
	Requests    int           `json:"requests"`
	Took        time.Duration `json:"took_ns"`
	P50         time.Duration `json:"p50_ns"`
	P99         time.Duration `json:"p99_ns"`
}

// Rate is in requests a second.
func (m Measure) Rate() float64 { return float64(m.Requests) / m.Took.Seconds() }

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

// NewClient keeps as many connections as are asked for.
func NewClient(connections int, transport *http.Transport) *http.Client {
	transport.MaxIdleConnsPerHost, transport.MaxIdleConns = connections, connections
	transport.DisableCompression = true
	return &http.Client{Transport: transport, Timeout: 2 * time.Minute}
}

// send makes one request.
func (l *Load) send(ctx context.Context) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, l.c.Method, l.url+l.c.Path, bytes.NewReader(l.body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	if l.User != "" {
		r.SetBasicAuth(l.User, l.Password)
	}
	answer, err := l.Client.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("status %d: %.300s", answer.StatusCode, bytes.TrimSpace(b))
	}
	return b, err
}

// WarmUp makes the first request, and looks at its answer.
func (l *Load) WarmUp(ctx context.Context) error {
	answer, err := l.send(ctx)
	if err == nil {
		err = l.c.Check(answer)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", l.c.Name, err)
	}
	l.First = l.steady(answer)
	return nil
}

// steady is the part of an answer that must not change.
func (l *Load) steady(answer []byte) []byte {
	if l.c.Varies == nil {
		return answer
	}
	return l.c.Varies.ReplaceAll(answer, nil)
}

// Run sends requests over that many connections for that long, at least one each.
func (l *Load) Run(ctx context.Context, connections int, duration time.Duration) (Measure, error) {
	var wait sync.WaitGroup
	times := make([][]time.Duration, connections)
	failures := make([]error, connections)
	began := time.Now()
	for i := range connections {
		wait.Go(func() { times[i], failures[i] = l.Repeat(ctx, began.Add(duration)) })
	}
	wait.Wait()
	m := Measure{Case: l.c.Name, Connections: connections, Took: time.Since(began)}
	all := slices.Concat(times...)
	if err := errors.Join(failures...); err != nil {
		return m, fmt.Errorf("%s: %w", l.c.Name, err)
	}
	slices.Sort(all)
	m.Requests, m.P50, m.P99 = len(all), all[len(all)/2], all[len(all)*99/100]
	return m, nil
}

func (l *Load) Repeat(ctx context.Context, until time.Time) (times []time.Duration, err error) {
	for len(times) == 0 || time.Now().Before(until) {
		began := time.Now()
		answer, err := l.send(ctx)
		if err != nil {
			return times, err
		}
		times = append(times, time.Since(began))
		if !bytes.Equal(l.steady(answer), l.First) {
			return times, fmt.Errorf("an answer differs from the first: %.100q", answer)
		}
	}
	return times, nil
}

func Milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
