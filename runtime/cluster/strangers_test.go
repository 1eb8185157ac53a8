package cluster

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// Connections without a certificate are limited, and a member connects all the same.
func TestStrangersAreLimited(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1)
	n := c.nodes[0]
	var open []net.Conn
	defer func() {
		for _, conn := range open {
			_ = conn.Close()
		}
	}()
	refused := 0
	for range maxPerHost + 10 {
		conn, err := net.Dial("tcp", n.address)
		if err != nil {
			t.Fatal(err)
		}
		open = append(open, conn)
	}
	for _, conn := range open {
		_ = conn.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
		if _, err := conn.Read(make([]byte, 1)); errors.Is(err, io.EOF) || err != nil && strings.Contains(err.Error(), "reset") {
			refused++
		}
	}
	if refused != 10 {
		t.Errorf("%d connections were refused, want 10", refused)
	}
	n.link.strangers.mu.Lock()
	all, hosts := n.link.strangers.all, len(n.link.strangers.hosts)
	n.link.strangers.mu.Unlock()
	if all != maxPerHost || hosts != 1 {
		t.Errorf("%d strangers of %d hosts", all, hosts)
	}
	for _, conn := range open {
		_ = conn.Close()
	}
	c.eventually("the strangers are gone", func() error {
		n.link.strangers.mu.Lock()
		defer n.link.strangers.mu.Unlock()
		return errorUnless(n.link.strangers.all == 0 && len(n.link.strangers.hosts) == 0, "not yet")
	})
	client, err := Dial(n.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if _, err := client.Status(context.Background()); err != nil {
		t.Error(err)
	}
}

// Messages that are too large are refused, also those of members.
func TestLargeMessages(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1)
	n := c.nodes[0]
	large := strings.Repeat(" ", maxJoinMessage+1)
	if err := readMessage(strings.NewReader(large+"{}"), maxJoinMessage, new(joinRequest)); !errors.Is(err, ErrRefused) {
		t.Errorf("%v", err)
	}
	response, err := n.peers.send(context.Background(), "POST", n.identity.Node, statusPath, strings.NewReader(strings.Repeat(" ", maxMessage+1)))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if err := decodeReply("n", response.Body, nil); !errors.Is(err, ErrRefused) {
		t.Errorf("%v", err)
	}
	if err := decodeReply("n", strings.NewReader(strings.Repeat(" ", maxMessage+1)), nil); !errors.Is(err, ErrUnclear) {
		t.Errorf("a large reply: %v", err)
	}
	if err := n.ensure(context.Background(), blob{Sum: strings.Repeat("a", 64), Size: n.config.Limits.MaxBytes + 1}); err == nil || !strings.Contains(err.Error(), "TABCELL_MODELS_MAX_MB") {
		t.Errorf("a large blob: %v", err)
	}
	if err := n.ensure(context.Background(), blob{Sum: "../../x", Size: 1}); err == nil {
		t.Error("a blob with a path is accepted")
	}
}
