//go:build attack && linux

package attack

import (
	"context"
	"fmt"
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// connectionAttacks use up connections.
var connectionAttacks = []attack{
	{name: "slow heads", run: slowHeads},
	{name: "new connections, one address", run: newConnections},
	{name: "idle connections, one address", run: func(ctx context.Context, _ *testing.T, v *victim) { idle(ctx, v, 15_000, 1) }},
	{name: "idle connections, 200 addresses", run: func(ctx context.Context, _ *testing.T, v *victim) { idle(ctx, v, 15_000, 200) }},
}

// connection is one raw connection of the attacker. It is nil if the server refused it.
func (v *victim) connection(ctx context.Context, from string) net.Conn {
	conn, err := dialer(from).DialContext(ctx, "tcp", v.addr)
	if err != nil {
		return nil
	}
	return conn
}

// slowHeads sends a byte of a header every half second on many connections.
func slowHeads(ctx context.Context, _ *testing.T, v *victim) {
	const connections = 1000
	var group sync.WaitGroup
	for range connections {
		group.Go(func() {
			for ctx.Err() == nil { // the server ends the connection in time, and the attacker opens another
				dripHead(ctx, v)
			}
		})
	}
	group.Wait()
}

func dripHead(ctx context.Context, v *victim) {
	conn := v.connection(ctx, attackerAddress)
	if conn == nil {
		repeat(ctx, time.Second)
		return
	}
	defer conn.Close()
	_, err := io.WriteString(conn, "GET /info HTTP/1.1\r\nHost: x\r\nX: ")
	for err == nil && repeat(ctx, time.Second/2) {
		_, err = io.WriteString(conn, "x")
	}
}

// idle opens connections that send nothing, from the given number of addresses.
func idle(ctx context.Context, v *victim, connections, addresses int) {
	open := make([]net.Conn, 0, connections)
	for i := range connections {
		if ctx.Err() != nil {
			break
		}
		if conn := v.connection(ctx, fmt.Sprintf("127.0.1.%d", 1+i%addresses)); conn != nil {
			open = append(open, conn)
		}
	}
	<-ctx.Done()
	for _, conn := range open {
		conn.Close()
	}
}

// newConnections opens and closes connections as quickly as possible.
func newConnections(ctx context.Context, _ *testing.T, v *victim) {
	repeatWithout(ctx, bodyClients, func(ctx context.Context) {
		if conn := v.connection(ctx, attackerAddress); conn != nil {
			conn.Close()
		}
	})
}
