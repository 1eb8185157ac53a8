//go:build attack && linux

package attack

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// accessAttacks use authentication, the log and the reload.
var accessAttacks = []attack{
	{name: "wrong passwords, one address", accounts: true, run: wrongPasswords(1)},
	{name: "wrong passwords, 200 addresses", accounts: true, run: wrongPasswords(200)},
	{name: "requests that are logged", settings: []string{"TABCELL_LOG_LEVEL=info"}, run: logged},
	{name: "scripts whose clients leave", run: leaving},
	{name: "reloads, 20 in a second", accounts: true, run: reloads},
}

// wrongPasswords returns an attack with unknown accounts and wrong passwords of a known one. A
// password costs the server the memory and time of a hash.
func wrongPasswords(addresses int) func(context.Context, *testing.T, *victim) {
	return func(ctx context.Context, _ *testing.T, v *victim) {
		var n atomic.Int64
		repeatAttack(ctx, 64, func(ctx context.Context) {
			c := &http.Client{Transport: &http.Transport{DialContext: dialer(fmt.Sprintf("127.0.1.%d", 1+int(n.Add(1))%addresses)).DialContext}}
			defer c.CloseIdleConnections()
			for i := n.Add(1); ctx.Err() == nil && i%10 > 0; i = n.Add(1) {
				r, err := http.NewRequestWithContext(ctx, http.MethodGet, v.url+"/info", nil)
				if err != nil {
					return
				}
				account := otherAccount
				if i%2 == 0 {
					account = fmt.Sprint("unknown", i)
				}
				r.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%s:%d", account, i)))
				_, _ = status(c, r)
			}
		})
	}
}

// logged sends requests with a long line in the log each.
func logged(ctx context.Context, _ *testing.T, v *victim) {
	text := "GET /" + strings.Repeat("%0a", 2000) + " HTTP/1.1\r\nHost: x\r\nTabPy-User: " + strings.Repeat("u", 4000) + "\r\n\r\n"
	repeatWithout(ctx, bodyClients, func(ctx context.Context) { v.stream(ctx, "", text) })
}

// leaving starts long scripts and closes the connections at once.
func leaving(ctx context.Context, _ *testing.T, v *victim) {
	body := `{"script": "while True: pass", "data": {}}`
	repeatAttack(ctx, 80, func(ctx context.Context) {
		conn := v.connection(ctx, attackerAddress)
		if conn == nil {
			return
		}
		defer conn.Close()
		_, _ = io.WriteString(conn, head(len(body))+body)
		repeat(ctx, 50*time.Millisecond)
	})
}

// reloads makes the server read its configuration, as many reloads by an administrator would.
func reloads(ctx context.Context, t *testing.T, v *victim) {
	for repeat(ctx, 50*time.Millisecond) {
		if err := syscall.Kill(v.pid, syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
	}
}
