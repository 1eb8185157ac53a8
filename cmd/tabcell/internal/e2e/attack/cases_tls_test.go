//go:build attack && linux

package attack

import (
	"context"
	"crypto/tls"
	"io"
	"testing"
	"time"
)

// tlsAttacks use handshakes.
var tlsAttacks = []attack{
	{name: "TLS handshakes that stall", secure: true, run: stalledHandshakes},
	{name: "TLS handshakes, 16 at once", secure: true, run: handshakes},
}

// stalledHandshakes sends a byte of a handshake every half second, on many connections.
func stalledHandshakes(ctx context.Context, _ *testing.T, v *victim) {
	repeatAttack(ctx, 1000, func(ctx context.Context) {
		conn := v.connection(ctx, attackerAddress)
		if conn == nil {
			return
		}
		defer conn.Close()
		_, err := io.WriteString(conn, "\x16\x03\x01\x02\x00\x01")
		for err == nil && repeat(ctx, time.Second/2) {
			_, err = io.WriteString(conn, "\x00")
		}
	})
}

// handshakes connects again and again. Each handshake costs the server a signature.
func handshakes(ctx context.Context, _ *testing.T, v *victim) {
	repeatWithout(ctx, 16, func(ctx context.Context) {
		if conn := v.connection(ctx, attackerAddress); conn != nil {
			_ = tls.Client(conn, &tls.Config{InsecureSkipVerify: true}).HandshakeContext(ctx)
			conn.Close()
		}
	})
}
