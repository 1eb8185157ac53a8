//go:build attack && linux

package attack

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/e2e/harness"
)

// bodyAttacks use up memory with request bodies and responses.
var bodyAttacks = []attack{
	{name: "unread responses of 200 MB", run: unreadResponses},
	{name: "stalled uploads of 90 MB", run: stalledUploads},
	{name: "slow uploads", run: slowUploads},
	{name: "gzip bombs", run: gzipBombs},
	{name: "gzip members without content", run: emptyMembers},
	{name: "deep JSON", run: deepJSON},
}

// bodyClients is the number of clients of these attacks.
const bodyClients = 8

// repeatAttack runs do in several goroutines, again and again, until ctx is done.
func repeatAttack(ctx context.Context, clients int, do func(ctx context.Context)) {
	var group sync.WaitGroup
	for range clients {
		group.Go(func() {
			for do(ctx); repeat(ctx, 100*time.Millisecond); {
				do(ctx)
			}
		})
	}
	group.Wait()
}

// head returns the head of an /evaluate request with a body of the given length.
func head(length int) string {
	return "POST /evaluate HTTP/1.1\r\nHost: x\r\nContent-Length: " + strconv.Itoa(length) + "\r\n\r\n"
}

// unreadResponses requests large responses and does not read them.
func unreadResponses(ctx context.Context, _ *testing.T, v *victim) {
	body := string(harness.ScriptRequest("return 'x' * (200 << 20)", "{}"))
	repeatAttack(ctx, bodyClients, func(ctx context.Context) {
		conn := v.connection(ctx, attackerAddress)
		if conn == nil {
			return
		}
		defer conn.Close()
		_, _ = io.WriteString(conn, head(len(body))+body)
		<-ctx.Done()
	})
}

// stalledUploads sends most of a body and then nothing.
func stalledUploads(ctx context.Context, _ *testing.T, v *victim) {
	const length = 90 << 20
	most := strings.Repeat("x", length-1)
	repeatAttack(ctx, bodyClients, func(ctx context.Context) {
		conn := v.connection(ctx, attackerAddress)
		if conn == nil {
			return
		}
		defer conn.Close()
		stop := context.AfterFunc(ctx, func() { conn.Close() })
		defer stop()
		_, _ = io.WriteString(conn, head(length)+most)
		_, _ = io.Copy(io.Discard, conn) // until the server ends the connection
	})
}

// slowUploads sends a byte of a body every half second on many connections.
func slowUploads(ctx context.Context, _ *testing.T, v *victim) {
	const connections = 500
	repeatAttack(ctx, connections, func(ctx context.Context) {
		conn := v.connection(ctx, attackerAddress)
		if conn == nil {
			return
		}
		defer conn.Close()
		_, err := io.WriteString(conn, head(90<<20))
		for err == nil && repeat(ctx, time.Second/2) {
			_, err = io.WriteString(conn, "x")
		}
	})
}

// gzipBombs sends bodies that are a thousand times larger after decompression.
func gzipBombs(ctx context.Context, t *testing.T, v *victim) {
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	_, err := z.Write(bytes.Repeat([]byte(" "), 95<<20))
	if err != nil || z.Close() != nil {
		t.Fatal("cannot compress")
	}
	v.postCompressed(ctx, bomb.Bytes())
}

// emptyMembers sends bodies of many members of gzip, none of which has content (CVE-2022-30631).
func emptyMembers(ctx context.Context, t *testing.T, v *victim) {
	var member bytes.Buffer
	if gzip.NewWriter(&member).Close() != nil {
		t.Fatal("cannot compress")
	}
	v.postCompressed(ctx, bytes.Repeat(member.Bytes(), 20<<20/member.Len()))
}

// postCompressed sends a compressed body to /evaluate again and again, with several clients.
func (v *victim) postCompressed(ctx context.Context, body []byte) {
	c := v.attacker()
	defer c.CloseIdleConnections()
	repeatAttack(ctx, bodyClients, func(ctx context.Context) {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, v.url+"/evaluate", bytes.NewReader(body))
		if err == nil {
			r.Header.Set("Content-Encoding", "gzip")
			_, _ = status(c, r)
		}
	})
}

// deepJSON sends arrays that are nested very deeply.
func deepJSON(ctx context.Context, _ *testing.T, v *victim) {
	body := `{"script": "return 1", "data": {"_arg1": ` + strings.Repeat("[", 50<<20)
	c := v.attacker()
	defer c.CloseIdleConnections()
	repeatAttack(ctx, bodyClients, func(ctx context.Context) {
		if r, err := http.NewRequestWithContext(ctx, http.MethodPost, v.url+"/evaluate", strings.NewReader(body)); err == nil {
			_, _ = status(c, r)
		}
	})
}
