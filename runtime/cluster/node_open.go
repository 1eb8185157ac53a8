package cluster

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/hashicorp/raft"
)

// open opens everything that can fail.
func (n *Node) open() (err error) {
	c := n.config
	if n.identity, err = ReadIdentity(c.Dir); err != nil {
		return err
	}
	if n.identity.Left {
		return fmt.Errorf("%w: the node has left the cluster", ErrNoIdentity)
	}
	if c.Advertise != "" && c.Advertise != n.identity.Advertise {
		n.identity.Advertise = c.Advertise
		if err := errors.Join(checkAddress(c.Advertise), n.identity.write(c.Dir)); err != nil {
			return err
		}
	}
	n.link = newLink(n.identity.Cluster, n.identity.Node, c.Listener, n.log)
	if c.dialer != nil {
		n.link.dialer = c.dialer
	}
	if err := n.loadCertificates(); err != nil {
		return err
	}
	if n.store, err = openLogStore(filepath.Join(c.Dir, logFile)); err != nil {
		return err
	}
	n.replica = newReplica(n.identity.Node, c.Registry, c.Limits, n.log)
	n.machine, n.replica.leaderWait = n.replica.machine, c.timing.leaderWait
	if c.OnChange != nil {
		n.replica.onChange = c.OnChange
	}
	return n.openRaft()
}

// loadCertificates reads the certificate of the node and the authorities.
func (n *Node) loadCertificates() error {
	certificate, err := loadCertificate(n.config.Dir)
	if err != nil {
		return err
	}
	bundle, err := readFile(n.config.Dir, bundleFile)
	if err != nil {
		return err
	}
	pool, err := parseAuthorities(bundle)
	if err != nil {
		return err
	}
	n.link.certificate.Store(&certificate)
	n.link.authorities.Store(pool)
	return nil
}

const (
	snapshotThreshold = 2048
	trailingLogs      = 4096
)

// raftConfig returns the configuration of Raft.
func (n *Node) raftConfig() *raft.Config {
	c, t := raft.DefaultConfig(), n.config.timing
	c.LocalID, c.Logger = raft.ServerID(n.identity.Node), raftLogger(n.log)
	c.HeartbeatTimeout, c.ElectionTimeout, c.LeaderLeaseTimeout, c.CommitTimeout = t.heartbeat, t.heartbeat, t.lease, t.commit
	c.SnapshotThreshold, c.TrailingLogs, c.NoLegacyTelemetry = snapshotThreshold, trailingLogs, true
	c.ShutdownOnRemove = false
	return c
}

func (n *Node) openRaft() error {
	c := n.raftConfig()
	snapshots, err := raft.NewFileSnapshotStoreWithLogger(n.config.Dir, 2, c.Logger)
	if err != nil {
		return err
	}
	n.consensus = newConsensus(n.identity, n.config.timing.heartbeat, n.log)
	n.consensus.name = n.nameOf
	n.link.address, n.link.allowed = n.consensus.address, n.consensus.allowed
	n.transport = newReplication(newTransport(n.link, n.identity.Advertise, c), n.consensus, n.store)
	if err := n.bootstrap(c, snapshots); err != nil {
		return errors.Join(err, n.transport.Close())
	}
	r, err := raft.NewRaft(c, fsm{n.replica}, n.store, n.store, snapshots, n.transport)
	if err != nil { // Raft does not give the reason why a snapshot cannot be used
		return errors.Join(err, n.replica.folderProblem(), n.transport.Close())
	}
	n.consensus.raft.Store(r)
	n.replica.log, n.replica.yield = n.consensus, n.yield
	return nil
}

// nameOf returns the name of a node, or its id as long as its name is not known.
func (n *Node) nameOf(id string) string {
	m, _ := n.machine.member(id)
	return cmp.Or(m.Name, id)
}

// bootstrap makes the first node the only member of a new cluster. On the first start of another
// node, it returns an error if there are endpoints that those of the cluster would replace.
func (n *Node) bootstrap(c *raft.Config, snapshots raft.SnapshotStore) error {
	exists, err := raft.HasExistingState(n.store, n.store, snapshots)
	if n.identity.Founder {
		n.replica.found = n.found
	}
	own := len(n.config.Registry.List())
	switch {
	case err != nil || exists:
		return err
	case !n.identity.Founder && own > 0 && n.identity.Discard:
		folder, err := n.config.Registry.SetAside()
		n.log.Warn().Int("endpoints", own).Str("folder", folder).Msg("the endpoints of this server were moved to this folder in the models folder")
		return err
	case !n.identity.Founder && own > 0:
		return fmt.Errorf("this server has %d endpoints of its own, which those of the cluster would replace; "+
			"export them (`tabcell endpoint export --all FILE.tar`), and run `tabcell cluster join` with --discard in an empty TABCELL_CLUSTER_PATH, "+
			"or move the models folder away", own)
	case !n.identity.Founder:
		return nil
	}
	self := raft.Server{ID: c.LocalID, Address: raft.ServerAddress(n.identity.Advertise), Suffrage: raft.Voter}
	return raft.BootstrapCluster(c, n.store, n.store, snapshots, n.transport, raft.Configuration{Servers: []raft.Server{self}})
}
