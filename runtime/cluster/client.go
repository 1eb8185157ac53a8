package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/rs/zerolog"
)

// Client asks the node that runs on this machine, with the certificate in its data folder.
type Client struct {
	peers    *httpPeers
	identity Identity
	cancel   context.CancelFunc
}

// Dial returns a client of the running node whose data folder is dir. Its errors are ErrNoIdentity
// and ErrNotRunning.
func Dial(dir string) (*Client, error) {
	id, err := ReadIdentity(dir)
	if err != nil {
		return nil, err
	}
	var at running
	text, err := readFile(dir, runningFile)
	if err == nil {
		err = json.Unmarshal(text, &at)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: start it with `tabcell serve`", ErrNotRunning)
	}
	l := newLink(id.Cluster, id.Node, noListener{}, zerolog.Nop())
	l.address = func(string) (string, bool) { return reachable(at.Address), true }
	n := &Node{config: Config{Dir: dir}, link: l}
	if err := n.loadCertificates(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	return &Client{newHTTPPeers(ctx, l.dial), id, cancel}, nil
}

// reachable returns the address at which programs on this machine reach a port.
func reachable(address string) string {
	host, port, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err == nil && ip != nil && ip.IsUnspecified() {
		return net.JoinHostPort("localhost", port)
	}
	return address
}

// noListener is the port of a client, which has none.
type noListener struct{}

// Accept implements net.Listener.
func (noListener) Accept() (net.Conn, error) { return nil, net.ErrClosed }

// Close implements net.Listener.
func (noListener) Close() error { return nil }

// Addr implements net.Listener.
func (noListener) Addr() net.Addr { return advertised("") }

// Close closes the connections.
func (c *Client) Close() error {
	c.cancel()
	c.peers.close()
	return nil
}

// Status returns the state of the cluster.
func (c *Client) Status(ctx context.Context) (Status, error) {
	var reply statusReply
	err := c.call(ctx, statusPath, statusRequest{All: true}, &reply)
	if err == nil && reply.All == nil {
		err = errors.New("the node sent no state of the cluster")
	}
	if err != nil {
		return Status{}, err
	}
	return *reply.All, nil
}

// Token returns a new join token.
func (c *Client) Token(ctx context.Context, o TokenOptions) (string, error) {
	var reply adminReply
	err := c.call(ctx, adminPath, adminRequest{Operation: tokenOperation, Token: o}, &reply)
	return reply.Token, err
}

// Remove removes a node, by its name or id. With force, it does so even if changes are impossible
// afterwards, or if models could be lost.
func (c *Client) Remove(ctx context.Context, node string, force bool) error {
	return c.call(ctx, adminPath, adminRequest{Operation: removeOperation, Node: node, Force: force}, nil)
}

// Leave removes the local node from the cluster. After its next start, it is a single server with
// the same endpoints. With force, it leaves even if the cluster does not know it any more.
func (c *Client) Leave(ctx context.Context, force bool) error {
	return c.call(ctx, adminPath, adminRequest{Operation: leaveOperation, Force: force}, nil)
}

// Promote makes a node a voter.
func (c *Client) Promote(ctx context.Context, node string) error {
	return c.call(ctx, adminPath, adminRequest{Operation: promoteOperation, Node: node}, nil)
}

// Demote makes a voter a node that only receives the changes.
func (c *Client) Demote(ctx context.Context, node string) error {
	return c.call(ctx, adminPath, adminRequest{Operation: demoteOperation, Node: node}, nil)
}

// RotateCA begins the replacement of the certificate authority, which continues in the background.
func (c *Client) RotateCA(ctx context.Context) error {
	return c.call(ctx, adminPath, adminRequest{Operation: rotateOperation}, nil)
}

const clientTimeout = 40 * time.Second

func (c *Client) call(ctx context.Context, path string, message, reply any) error {
	err := c.peers.call(ctx, clientTimeout, c.identity.Node, path, message, reply)
	if errors.Is(err, errUnreachable) {
		return fmt.Errorf("%w: %w", ErrNotRunning, err)
	}
	return err
}
