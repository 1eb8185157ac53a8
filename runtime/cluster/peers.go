package cluster

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"tabcell/runtime/registry"
)

// peers sends requests to other nodes. httpPeers implements it; the simulation has another one. The
// error of every method is errUnreachable if the node got no request.
type peers interface {
	// forward sends a change to the leader. If the connection is lost, the error is ErrUnclear.
	forward(ctx context.Context, node string, q changeRequest) (changeReply, error)
	// ensure returns nil when a node has flushed a blob to its disk.
	ensure(ctx context.Context, node string, b blob) error
	// fetch returns the content of a blob, which may be damaged.
	fetch(ctx context.Context, node string, v registry.Version) (io.ReadCloser, error)
	// awaitServed returns nil when a node serves the state after a command, and at once an error if
	// it has not caught up.
	awaitServed(ctx context.Context, node string, index uint64) error
	// readIndex asks the leader for its index; see replica.readIndex.
	readIndex(ctx context.Context, node string) (uint64, error)
}

// The paths of the requests between nodes.
const (
	changePath = "/v1/change"
	ensurePath = "/v1/ensure"
	blobPath   = "/v1/blob/"
	servedPath = "/v1/served"
	indexPath  = "/v1/index"
	statusPath = "/v1/status"
	reportPath = "/v1/report"
	renewPath  = "/v1/renew"
	adminPath  = "/v1/admin"
	joinPath   = "/v1/join"
)

const (
	// maxMessage limits a message in bytes. The largest has the manifest of an endpoint.
	maxMessage   = maxCommand + 1<<20
	shortTimeout = 10 * time.Second
	// changeTimeout limits a forwarded change, which may wait for a large blob.
	changeTimeout = 10 * time.Minute
)

// httpPeers implements peers over a link.
type httpPeers struct {
	client *http.Client
	base   context.Context // canceled when the node is closed
}

func newHTTPPeers(base context.Context, dial func(ctx context.Context, node, protocol string) (net.Conn, error)) *httpPeers {
	transport := &http.Transport{
		DialTLSContext: func(ctx context.Context, _, address string) (net.Conn, error) {
			node, _, err := net.SplitHostPort(address)
			if err != nil {
				return nil, err
			}
			return dial(ctx, node, httpProtocol)
		},
		ForceAttemptHTTP2: true, MaxResponseHeaderBytes: 16 << 10, IdleConnTimeout: time.Minute, DisableCompression: true,
		HTTP2: &http.HTTP2Config{SendPingTimeout: 3 * time.Second, PingTimeout: 3 * time.Second},
	}
	return &httpPeers{&http.Client{Transport: transport}, base}
}

func (p *httpPeers) close() { p.client.CloseIdleConnections() }

func (p *httpPeers) forward(ctx context.Context, node string, q changeRequest) (reply changeReply, err error) {
	err = p.call(ctx, changeTimeout, node, changePath, q, &reply)
	return reply, err
}

func (p *httpPeers) ensure(ctx context.Context, node string, b blob) error {
	return p.call(ctx, secureTimeout, node, ensurePath, b, nil)
}

// indexMessage has the index of a command.
type indexMessage struct {
	Index uint64 `json:"index"`
}

func (p *httpPeers) awaitServed(ctx context.Context, node string, index uint64) error {
	return p.call(ctx, membersWait, node, servedPath, indexMessage{index}, nil)
}

func (p *httpPeers) readIndex(ctx context.Context, node string) (uint64, error) {
	var reply indexMessage
	err := p.call(ctx, shortTimeout, node, indexPath, struct{}{}, &reply)
	return reply.Index, err
}

// envelope is the form of all replies.
type envelope struct {
	Error *wireError      `json:"error,omitempty"`
	Reply json.RawMessage `json:"reply,omitempty"`
}

// call sends a message and decodes the reply into reply, which may be nil.
func (p *httpPeers) call(ctx context.Context, timeout time.Duration, node, path string, message, reply any) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	defer context.AfterFunc(p.base, cancel)()
	text, err := marshal(message)
	if err != nil {
		return err
	}
	if len(text) > maxMessage {
		return fmt.Errorf("%w: the message has %d bytes, the limit is %d bytes", registry.ErrTooLarge, len(text), maxMessage)
	}
	response, err := p.send(ctx, http.MethodPost, node, path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	defer response.Body.Close()
	return decodeReply(node, response.Body, reply)
}

// decodeReply decodes the reply of a node.
func decodeReply(node string, body io.Reader, reply any) error {
	text, err := io.ReadAll(io.LimitReader(body, maxMessage+1))
	if err != nil {
		return fmt.Errorf("%w: node %s: %w", ErrUnclear, node, err)
	}
	var e envelope
	if len(text) > maxMessage || json.Unmarshal(text, &e) != nil {
		return fmt.Errorf("%w: node %s sent a malformed reply", ErrUnclear, node)
	}
	if e.Error != nil {
		return e.Error.err(node)
	}
	if reply == nil {
		return nil
	}
	if err := json.Unmarshal(e.Reply, reply); err != nil {
		return fmt.Errorf("%w: node %s sent a malformed reply: %w", ErrUnclear, node, err)
	}
	return nil
}

// send sends a request and returns the response, whatever its status.
func (p *httpPeers) send(ctx context.Context, method, node, path string, body io.Reader) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, "https://"+node+path, body)
	if err != nil {
		return nil, err
	}
	response, err := p.client.Do(request)
	switch {
	case errors.Is(err, errUnreachable):
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("%w: node %s: %w", ErrUnclear, node, err)
	}
	return response, nil
}

func (p *httpPeers) fetch(ctx context.Context, node string, v registry.Version) (io.ReadCloser, error) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(p.base, cancel)
	response, err := p.send(ctx, http.MethodGet, node, blobPath+v.Sum+"?size="+strconv.FormatInt(v.Size, 10), nil)
	if err != nil {
		stop()
		cancel()
		return nil, err
	}
	body := &fetchedBody{response.Body, func() { stop(); cancel() }}
	if response.StatusCode != http.StatusOK {
		return nil, errors.Join(decodeReply(node, body, nil), body.Close(), fmt.Errorf("node %s answered %s", node, response.Status))
	}
	return body, nil
}

// fetchedBody is the body of a response that is read later.
type fetchedBody struct {
	io.ReadCloser
	release func()
}

// Close implements io.Closer.
func (b *fetchedBody) Close() error {
	err := b.ReadCloser.Close()
	b.release()
	return err
}
