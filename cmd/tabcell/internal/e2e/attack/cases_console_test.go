//go:build attack && linux

package attack

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"sync/atomic"
	"testing"
)

// consoleAttacks use the console.
var consoleAttacks = []attack{
	{name: "console: live views that are not read", run: unreadViews},
	{name: "console: new sessions", accounts: true, run: newSessions},
	{name: "console: wrong passwords", accounts: true, run: wrongSignIns},
	{name: "console: scripts of 10 MB", run: consoleRuns(`{"kind": "script", "script": "` + strings.Repeat("x", 10<<20) + `"}`)},
	{name: "console: data of 30 MB", run: consoleRuns(`{"kind": "script", "script": "return 1", "args": ["` + strings.Repeat("x", 30<<20) + `"]}`)},
	{name: "console: scripts that fail", run: consoleRuns(`{"kind": "script", "script": "return _arg2", "args": [1]}`)},
}

const consoleAPI = "/console/api/v1"

// consoleClient is a browser of the attacker.
type consoleClient struct {
	*http.Client
	v    *victim
	csrf string
}

// newConsoleClient opens the console. It returns nil if the server does not respond.
func (v *victim) newConsoleClient(ctx context.Context) *consoleClient {
	jar, _ := cookiejar.New(nil) // never fails
	c := &consoleClient{Client: &http.Client{Jar: jar, Transport: &http.Transport{DialContext: dialer(attackerAddress).DialContext, MaxIdleConnsPerHost: 1000}}, v: v}
	text, err := c.do(ctx, http.MethodGet, "/session", "")
	var session struct{ CSRF string }
	if err != nil || json.Unmarshal(text, &session) != nil {
		return nil
	}
	c.csrf = session.CSRF
	return c
}

// do sends a request and returns the body of the response.
func (c *consoleClient) do(ctx context.Context, method, path, body string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, method, c.v.url+consoleAPI+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Console-CSRF", c.csrf)
	response, err := c.Do(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	return io.ReadAll(response.Body)
}

// unreadViews opens many streams of events and does not read them.
func unreadViews(ctx context.Context, _ *testing.T, v *victim) {
	repeatAttack(ctx, 200, func(ctx context.Context) {
		conn := v.connection(ctx, attackerAddress)
		if conn == nil {
			return
		}
		defer conn.Close()
		_, _ = io.WriteString(conn, "GET "+consoleAPI+"/load/events HTTP/1.1\r\nHost: "+v.addr+"\r\n\r\n")
		<-ctx.Done()
	})
}

// newSessions signs in with the right password again and again.
func newSessions(ctx context.Context, _ *testing.T, v *victim) {
	body := fmt.Sprintf(`{"username": %q, "password": %q}`, attackerAccount, password)
	repeatWithout(ctx, bodyClients, func(ctx context.Context) { // each with new cookies, so that no session is replaced
		if c := v.newConsoleClient(ctx); c != nil {
			_, _ = c.do(ctx, http.MethodPost, "/session", body)
			c.CloseIdleConnections()
		}
	})
}

// wrongSignIns signs in with wrong passwords of the other account and of unknown ones.
func wrongSignIns(ctx context.Context, _ *testing.T, v *victim) {
	c := v.newConsoleClient(ctx)
	if c == nil {
		return
	}
	defer c.CloseIdleConnections()
	var n atomic.Int64
	repeatWithout(ctx, 64, func(ctx context.Context) {
		i, account := n.Add(1), otherAccount
		if i%2 == 0 {
			account = fmt.Sprint("unknown", i)
		}
		_, _ = c.do(ctx, http.MethodPost, "/session", fmt.Sprintf(`{"username": %q, "password": "%d"}`, account, i))
	})
}

// consoleRuns returns an attack that runs a script in the console.
func consoleRuns(body string) func(context.Context, *testing.T, *victim) {
	return func(ctx context.Context, t *testing.T, v *victim) {
		c := v.newConsoleClient(ctx)
		if c == nil {
			t.Error("the console does not respond")
			return
		}
		defer c.CloseIdleConnections()
		repeatAttack(ctx, bodyClients, func(ctx context.Context) { _, _ = c.do(ctx, http.MethodPost, "/run", body) })
	}
}
