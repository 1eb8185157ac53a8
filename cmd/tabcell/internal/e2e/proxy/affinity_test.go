//go:build proxy && linux

package proxy

import (
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/testenv"
)

// The requests of a session of the console stay on one node. So do the connections of Arrow Flight
// and the scripts of Prep, which are on the same node.
func TestClusterAffinity(t *testing.T) {
	forAll(t, func(t *testing.T, c client, b Balancer, _ []*member) {
		first := c.send("GET", "/console/session", "").body
		for range 6 {
			c.send("GET", "/console/session", "").expect(t, 200, first)
		}
		if b.Flight == "" {
			t.Log("this nginx has no module for streams")
			return
		}
		nodes := map[string]bool{}
		for client := range 30 {
			from := fmt.Sprintf("127.0.%d.%d", client, client+2)
			node := dialFlight(t, b.Flight, from)
			for range 3 {
				if again := dialFlight(t, b.Flight, from); again != node {
					t.Errorf("the connections of %s are on %s and %s", from, node, again)
				}
			}
			newClientFrom(t, b.Prep, from).send("POST", "/evaluate", "script").expect(t, 200, node)
			nodes[node] = true
		}
		if len(nodes) < 2 {
			t.Errorf("30 clients are all on %v", nodes)
		}
	})
}

// dialFlight returns the node that a connection from an address reaches.
func dialFlight(t *testing.T, address, from string) string {
	t.Helper()
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}, Timeout: testenv.Scaled(10 * time.Second)}
	conn, err := dialer.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	node, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	return string(node)
}
