package cluster

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// run starts the goroutines.
func (n *Node) run() {
	ctx, cancel := context.WithCancel(context.Background())
	n.cancel = cancel
	n.peers = newHTTPPeers(ctx, n.link.dial)
	n.replica.peers = n.peers
	n.server = newServer(n.handler())
	n.link.group.Add(1)
	go n.link.serve()
	for _, loop := range []func(context.Context){n.consensus.follow, n.replica.keepSynced, n.replica.keepBlobs, n.administer, n.keepCertificates} {
		n.group.Go(func() { loop(ctx) })
	}
	n.group.Go(func() { _ = n.server.Serve(n.link.http) }) // ends with http.ErrServerClosed
	if err := n.announce(); err != nil {
		n.log.Warn().Err(err).Msg("the commands of `tabcell cluster` cannot find this node")
	}
	n.log.Info().Str("node", n.identity.Name).Str("id", n.identity.Node).Str("address", n.link.listener.Addr().String()).
		Str("advertised", n.identity.Advertise).Msg("this server is a node of a cluster")
}

// newServer returns the server of the requests of other nodes.
func newServer(handler http.Handler) *http.Server {
	protocols := new(http.Protocols)
	protocols.SetHTTP2(true)
	return &http.Server{
		Handler: handler, Protocols: protocols, ReadHeaderTimeout: handshakeTimeout, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10,
		ErrorLog: noLog(), HTTP2: &http.HTTP2Config{MaxConcurrentStreams: 100, SendPingTimeout: 15 * time.Second},
	}
}

// running is the file that tells the commands how to reach the running node.
type running struct {
	Address string `json:"address"`
}

func (n *Node) announce() error {
	text, err := json.Marshal(running{n.link.listener.Addr().String()})
	if err != nil {
		return err
	}
	return writeFile(n.config.Dir, runningFile, text)
}
