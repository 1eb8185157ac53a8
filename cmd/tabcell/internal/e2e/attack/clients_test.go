//go:build attack && linux

package attack

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/e2e/harness"
)

// The accounts and the addresses of the attacker and the other clients. Linux accepts all of
// 127.0.0.0/8 on its loopback interface.
const (
	attackerAccount, otherAccount = "mallory", "ann"
	attackerAddress, otherAddress = "127.0.0.9", "127.0.0.2"
)

// requestLimit is the time after which the other clients give up.
const requestLimit = 5 * time.Second

// dialer returns a dialer that connects from the given address.
func dialer(from string) *net.Dialer {
	return &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
}

// transport adds the credentials of an account to the requests from an address.
type transport struct {
	http.Transport
	account string // "" for none
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if t.account != "" {
		r = r.Clone(r.Context())
		r.SetBasicAuth(t.account, password)
	}
	return t.Transport.RoundTrip(r)
}

// client returns a client with its own connections.
func (v *victim) client(address, account string) *http.Client {
	t := &transport{Transport: http.Transport{
		DialContext: dialer(address).DialContext, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true,
		MaxIdleConnsPerHost: 1000,
	}}
	if v.accounts {
		t.account = account
	}
	return &http.Client{Transport: t}
}

// attacker returns a client with the attacker's address and account.
func (v *victim) attacker() *http.Client { return v.client(attackerAddress, attackerAccount) }

// evaluate runs a script without arguments and returns the status of the response, whose body it
// reads.
func (v *victim) evaluate(ctx context.Context, c *http.Client, script string) (int, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, v.url+"/evaluate", strings.NewReader(string(harness.ScriptRequest(script, "{}"))))
	if err != nil {
		return 0, err
	}
	return status(c, r)
}

// send sends a body and reads the response.
func (v *victim) send(ctx context.Context, c *http.Client, method, path, body string) {
	if r, err := http.NewRequestWithContext(ctx, method, v.url+path, strings.NewReader(body)); err == nil {
		_, _ = status(c, r)
	}
}

func status(c *http.Client, r *http.Request) (int, error) {
	response, err := c.Do(r)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return response.StatusCode, err
}

// scriptClients is the number of other clients that run scripts.
const scriptClients = 4

// others are the clients that the attack is meant to harm.
type others struct {
	group sync.WaitGroup

	mu             sync.Mutex // guards the fields below
	sent, answered int
	latencies      []time.Duration
}

// warmUpTime is the time for which the other clients run scripts before an attack.
const warmUpTime = time.Second

// signIn signs the other account in and runs scripts, as users of a server have done before an
// attack: the first check of a password takes seconds on a busy machine, and the first scripts make
// the server load code.
func (v *victim) signIn(t *testing.T) {
	c := v.client(otherAddress, otherAccount)
	defer c.CloseIdleConnections()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, v.url+"/info", nil)
	if err != nil {
		t.Fatal(err)
	}
	if code, err := status(c, r); err != nil || code != http.StatusOK {
		t.Fatalf("the other account cannot sign in: %d %v", code, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), warmUpTime)
	defer cancel()
	startOthers(ctx, v).wait()
}

// startOthers starts the other clients, which send requests until ctx is done.
func startOthers(ctx context.Context, v *victim) *others {
	o := &others{}
	for range scriptClients {
		o.group.Go(func() { o.runScripts(ctx, v) })
	}
	o.group.Go(func() { o.getInfo(ctx, v) })
	return o
}

// wait waits until all requests have ended.
func (o *others) wait() (sent, answered int, latencies []time.Duration) {
	o.group.Wait()
	return o.sent, o.answered, o.latencies
}

func (o *others) runScripts(ctx context.Context, v *victim) {
	c := v.client(otherAddress, otherAccount)
	defer c.CloseIdleConnections()
	for repeat(ctx, 20*time.Millisecond) {
		limited, cancel := context.WithTimeout(context.Background(), requestLimit)
		code, err := v.evaluate(limited, c, "return 1")
		cancel()
		o.mu.Lock()
		o.sent++
		if err == nil && code == http.StatusOK {
			o.answered++
		}
		o.mu.Unlock()
	}
}

func (o *others) getInfo(ctx context.Context, v *victim) {
	c := v.client(otherAddress, otherAccount)
	defer c.CloseIdleConnections()
	c.Timeout = requestLimit
	for repeat(ctx, 10*time.Millisecond) {
		begin := time.Now()
		r, err := http.NewRequest(http.MethodGet, v.url+"/info", nil)
		if err != nil {
			panic(fmt.Sprintf("the URL is invalid: %v", err))
		}
		took := requestLimit
		if code, err := status(c, r); err == nil && code == http.StatusOK {
			took = time.Since(begin)
		}
		o.mu.Lock()
		o.latencies = append(o.latencies, took)
		o.mu.Unlock()
	}
}

// repeat waits for the pause between two requests and reports whether ctx is still active.
func repeat(ctx context.Context, pause time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(pause):
		return true
	}
}
