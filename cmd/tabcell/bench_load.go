package main

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

// load sends one request again and again over connections that are kept, and looks at every answer.
type load struct {
	client    *http.Client
	url       string // without a path
	user, pwd string // "" without authentication
	c         benchCase
	body      []byte
	first     []byte // the answer that was looked at closely
}

// measure is what one run of a case gave.
type measure struct {
	Case        string        `json:"case"`
	Connections int           `json:"connections"`
	Requests    int           `json:"requests"`
	Took        time.Duration `json:"took_ns"`
	P50         time.Duration `json:"p50_ns"`
	P99         time.Duration `json:"p99_ns"`
}

// Rate is in requests a second.
func (m measure) Rate() float64 { return float64(m.Requests) / m.Took.Seconds() }

func newLoad(client *http.Client, url string, c benchCase) *load {
	l := &load{client: client, url: url, c: c}
	if c.body != nil {
		l.body = c.body()
	}
	if l.c.method == "" {
		l.c.method, l.c.path = http.MethodPost, "/evaluate"
	}
	return l
}

// benchClient keeps as many connections as are asked for.
func benchClient(connections int, transport *http.Transport) *http.Client {
	transport.MaxIdleConnsPerHost, transport.MaxIdleConns = connections, connections
	transport.DisableCompression = true
	return &http.Client{Transport: transport, Timeout: 2 * time.Minute}
}

// send makes one request.
func (l *load) send(ctx context.Context) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, l.c.method, l.url+l.c.path, bytes.NewReader(l.body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	if l.user != "" {
		r.SetBasicAuth(l.user, l.pwd)
	}
	answer, err := l.client.Do(r)
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

// warmUp makes the first request, and looks at its answer.
func (l *load) warmUp(ctx context.Context) error {
	answer, err := l.send(ctx)
	if err == nil {
		err = l.c.check(answer)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", l.c.name, err)
	}
	l.first = l.steady(answer)
	return nil
}

// steady is the part of an answer that must not change.
func (l *load) steady(answer []byte) []byte {
	if l.c.varies == nil {
		return answer
	}
	return l.c.varies.ReplaceAll(answer, nil)
}

// run sends requests over that many connections for that long, at least one each.
func (l *load) run(ctx context.Context, connections int, duration time.Duration) (measure, error) {
	var wait sync.WaitGroup
	times := make([][]time.Duration, connections)
	failures := make([]error, connections)
	began := time.Now()
	for i := range connections {
		wait.Go(func() { times[i], failures[i] = l.repeat(ctx, began.Add(duration)) })
	}
	wait.Wait()
	m := measure{Case: l.c.name, Connections: connections, Took: time.Since(began)}
	all := slices.Concat(times...)
	if err := errors.Join(failures...); err != nil {
		return m, fmt.Errorf("%s: %w", l.c.name, err)
	}
	slices.Sort(all)
	m.Requests, m.P50, m.P99 = len(all), all[len(all)/2], all[len(all)*99/100]
	return m, nil
}

func (l *load) repeat(ctx context.Context, until time.Time) (times []time.Duration, err error) {
	for len(times) == 0 || time.Now().Before(until) {
		began := time.Now()
		answer, err := l.send(ctx)
		if err != nil {
			return times, err
		}
		times = append(times, time.Since(began))
		if !bytes.Equal(l.steady(answer), l.first) {
			return times, fmt.Errorf("an answer differs from the first: %.100q", answer)
		}
	}
	return times, nil
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
