package cluster

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// JoinOptions configures a node that joins a cluster.
type JoinOptions struct {
	Name      string // default: the name of the host
	Advertise string // HOST:PORT at which the other nodes will reach it
	Peer      string // HOST:PORT of a member
	Token     string
	Build     string // version of this program
	Witness   bool   // never becomes a voter
	Discard   bool   // if the server has endpoints of its own, its first start as a node sets them aside
}

// joinRequest is the message of a node that joins.
type joinRequest struct {
	Secret  string `json:"secret"`
	Request string `json:"request"` // certificate request in PEM
	Member  Member `json:"member"`
}

// joinReply has the certificates and addresses that the node needs to take part.
type joinReply struct {
	Cluster     string            `json:"cluster"`
	Chain       string            `json:"chain"`       // certificates in PEM
	Authorities string            `json:"authorities"` // certificates in PEM, the newest first
	Peers       map[string]string `json:"peers"`       // addresses of the members by id
}

const joinTimeout = 30 * time.Second

// Join makes the data folder that of a new node of a cluster, with a certificate that a member has
// signed. If it is interrupted, it can be repeated with the same token. If the folder is that of the
// node already, it returns its identity. Its errors are ErrToken, ErrRefused, and those of the
// connection.
func Join(ctx context.Context, dir string, o JoinOptions) (Identity, error) {
	if id, done, err := joined(dir, o.Name, o.Advertise); done {
		return id, err
	}
	lock, err := openDataFolder(dir)
	if err != nil {
		return Identity{}, err
	}
	defer lock.Close()
	id, err := readIdentity(dir)
	if err != nil && !errors.Is(err, ErrNoIdentity) {
		return id, err
	}
	secret, sum, err := parseToken(o.Token)
	if err != nil {
		return id, err
	}
	if err := archiveLeft(dir, id); err != nil {
		return id, err
	}
	if id, err = prepareJoin(dir, id, o); err != nil {
		return id, err
	}
	return completeJoin(ctx, dir, id, o, secret, sum)
}

// prepareJoin writes the identity of a node that has not joined yet, so that a repeated join is of
// the same node.
func prepareJoin(dir string, old Identity, o JoinOptions) (Identity, error) {
	id := Identity{
		Format: identityFormat, Cluster: unknownCluster, Node: newID(), Name: nodeName(o.Name), Advertise: o.Advertise, Voter: !o.Witness, Discard: o.Discard,
	}
	if old.Node != "" && !old.Left {
		id.Node = old.Node
	}
	if err := id.check(); err != nil {
		return id, err
	}
	return id, id.write(dir)
}

// unknownCluster is the id of the cluster before the first answer.
const unknownCluster = "unknown0"

// completeJoin asks a member for a certificate, and writes it.
func completeJoin(ctx context.Context, dir string, id Identity, o JoinOptions, secret, sum string) (Identity, error) {
	key, err := nodeKey(dir)
	if err != nil {
		return id, err
	}
	request, err := newRequest(key)
	if err != nil {
		return id, err
	}
	message := joinRequest{secret, request, Member{
		ID: id.Node, Name: id.Name, Address: id.Advertise, Build: cmp.Or(o.Build, "unknown"), Commands: CommandVersion, Voter: id.Voter,
	}}
	answer, err := askToJoin(ctx, o.Peer, sum, message)
	if err != nil {
		return id, fmt.Errorf("the node at %s: %w", o.Peer, err)
	}
	if err := answer.check(sum, id.Node, key.Public()); err != nil {
		return id, fmt.Errorf("the node at %s sent a wrong answer: %w", o.Peer, err)
	}
	id.Cluster, id.Peers, id.Joined = answer.Cluster, answer.Peers, true
	err = errors.Join(writeFile(dir, chainFile, []byte(answer.Chain)), writeFile(dir, bundleFile, []byte(answer.Authorities)))
	if err == nil {
		err = os.RemoveAll(filepath.Join(dir, logFile)) // of an earlier attempt
	}
	if err == nil {
		err = id.write(dir)
	}
	return id, errors.Join(err, id.readCertificates(dir))
}
