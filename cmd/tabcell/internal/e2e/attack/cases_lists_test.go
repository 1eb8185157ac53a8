//go:build attack && linux

package attack

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// listAttacks use the list of endpoints.
var listAttacks = []attack{
	{name: "unread lists of endpoints with long texts", prepare: deployLongTexts, run: unreadLists},
}

// deployLongTexts deploys endpoints with the longest texts that the server accepts: of the sizes
// tried, the first that is not refused.
func deployLongTexts(t *testing.T, v *victim) {
	c := v.attacker()
	defer c.CloseIdleConnections()
	size := 4 << 20
	for i := 0; i < 60; {
		body := fmt.Sprintf(`{"name": "m%d", "source": "def m%d(): return 1", "description": "%s"}`, i, i, strings.Repeat("x", size))
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, v.url+"/endpoints", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		code, err := status(c, r)
		switch {
		case err != nil:
			t.Fatal(err)
		case code == http.StatusCreated:
			i++
		case code == http.StatusBadRequest && size > 1<<10:
			size /= 2
		default:
			t.Fatalf("endpoint %d with a text of %d bytes: status %d", i, size, code)
		}
	}
	t.Logf("60 endpoints with texts of %d bytes", size)
}

// unreadLists requests the list of endpoints and does not read it.
func unreadLists(ctx context.Context, _ *testing.T, v *victim) {
	repeatAttack(ctx, bodyClients, func(ctx context.Context) {
		conn := v.connection(ctx, attackerAddress)
		if conn == nil {
			return
		}
		defer conn.Close()
		_, _ = io.WriteString(conn, strings.Repeat("GET /endpoints HTTP/1.1\r\nHost: x\r\n\r\n", 20))
		<-ctx.Done()
	})
}
