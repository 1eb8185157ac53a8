//go:build attack && linux

package attack

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
)

// headAttacks use the parts of HTTP/1.1 around a body.
var headAttacks = []attack{
	{name: "heads of 60 kB", run: repeated("GET /info HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", 60_000) + "\r\n\r\n")},
	{name: "heads with 4 000 fields", run: repeated("GET /info HTTP/1.1\r\nHost: x\r\n" + strings.Repeat("X: y\r\n", 4000) + "\r\n")},
	{name: "endless heads", run: repeated("GET /info HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", 10<<20))},
	{name: "queries of 60 kB", run: repeated("GET /info?" + strings.Repeat("a=1&", 15_000) + " HTTP/1.1\r\nHost: x\r\n\r\n")},
	{name: "chunk extensions", run: chunks(";" + strings.Repeat("x", 4000))},
	{name: "chunks of one byte", run: chunks("")},
	{name: "endless trailers", run: trailers},
	{name: "held 100-continue", run: heldContinue},
	{name: "ranges and paths", run: repeated("GET /" + strings.Repeat("../", 10_000) + " HTTP/1.1\r\nHost: x\r\nRange: bytes=" + strings.Repeat("0-1,", 5000) + "0-1\r\n\r\n")},
}

// repeatWithout runs do in several goroutines, again and again without a pause, until ctx is done.
func repeatWithout(ctx context.Context, clients int, do func(ctx context.Context)) {
	repeatAttack(ctx, clients, func(ctx context.Context) {
		for ctx.Err() == nil {
			do(ctx)
		}
	})
}

// stream sends texts on one connection after the other, as quickly as the server takes them.
func (v *victim) stream(ctx context.Context, begin, repeated string) {
	conn := v.connection(ctx, attackerAddress)
	if conn == nil {
		repeat(ctx, 10*time.Millisecond)
		return
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	go func() { _, _ = io.Copy(io.Discard, conn) }()
	_, err := io.WriteString(conn, begin)
	for err == nil {
		_, err = io.WriteString(conn, repeated)
	}
}

// repeated returns an attack that sends a text again and again.
func repeated(text string) func(context.Context, *testing.T, *victim) {
	return func(ctx context.Context, _ *testing.T, v *victim) {
		repeatWithout(ctx, bodyClients, func(ctx context.Context) { v.stream(ctx, "", text) })
	}
}

const chunkedHead = "POST /evaluate HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"

// chunks returns an attack with bodies in chunks of one byte, with an extension (CVE-2023-39326).
func chunks(extension string) func(context.Context, *testing.T, *victim) {
	return func(ctx context.Context, _ *testing.T, v *victim) {
		many := strings.Repeat("1"+extension+"\r\nx\r\n", 1+64_000/(6+len(extension)))
		repeatWithout(ctx, bodyClients, func(ctx context.Context) { v.stream(ctx, chunkedHead, many) })
	}
}

// trailers sends trailers that do not end.
func trailers(ctx context.Context, _ *testing.T, v *victim) {
	many := strings.Repeat("X: y\r\n", 10_000)
	repeatWithout(ctx, bodyClients, func(ctx context.Context) { v.stream(ctx, chunkedHead+"0\r\n", many) })
}

// heldContinue announces large bodies and waits, on many connections.
func heldContinue(ctx context.Context, _ *testing.T, v *victim) {
	text := fmt.Sprintf("POST /evaluate HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n", 90<<20)
	repeatAttack(ctx, 500, func(ctx context.Context) {
		conn := v.connection(ctx, attackerAddress)
		if conn == nil {
			return
		}
		defer conn.Close()
		stop := context.AfterFunc(ctx, func() { conn.Close() })
		defer stop()
		_, _ = io.WriteString(conn, text)
		_, _ = io.Copy(io.Discard, conn)
	})
}
