// Package cluster replicates the registry of endpoints between several servers with the consensus
// algorithm Raft. It replicates no requests: any load balancer may send them to any node.
//
// # Vocabulary
//
//   - node: a server of a cluster, with an identity: a random id, a name for people, a key and a
//     certificate of the cluster's authority.
//   - member: a node that the present configuration of Raft lists. A voter takes part in elections
//     and in majorities; other members only receive the changes.
//   - command: an entry of the log. Applying the same commands in the same order makes the same
//     state on all nodes. A command has a version, and is used only if all members know it.
//   - machine: that state: endpoints, members, join tokens and authorities.
//   - blob: the code of a version of a model, named by its SHA-256. Blobs are not in the log.
//   - revision: the index of the last command that changed an endpoint. A change is computed from a
//     revision and is refused if another change came first.
//
// # The path of a change
//
// A node may lag. Before it computes a change from an endpoint, or refuses one, it waits until it has
// all changes that were acknowledged before the request (CatchUp).
//
//  1. The node that has the request stores the blob on its disk and forwards the change, with the
//     identity of the caller, to the leader.
//  2. The leader asks the voters to fetch the blob. It goes on when a majority has flushed it to the
//     disk, so that the blob survives whatever the command survives.
//  3. The leader computes the new endpoint from the present revision, and proposes it. When a
//     majority has stored the command, it is committed, and each node applies it.
//  4. Each node writes the endpoint to the folder of its registry, from which it serves.
//  5. The leader waits for the nodes that it can reach, at most two seconds, and answers.
//
// A request that is repeated after a lost connection or a lost leader has the same id, and the
// machine remembers the ids of the last changes, so that a change is made once.
//
// # Start of a node
//
// The folder of the registry may be newer than the snapshot of the log, so that a starting node
// serves from its folder until it has applied everything that the leader had committed. Then it
// makes the folder equal to the machine's state (Reconcile), and from then on applies each command
// to both. Without a leader, it keeps serving the endpoints in its folder.
//
// # Transport
//
// A node listens on one port, with TLS 1.3. ALPN separates the messages of Raft from HTTP/2, which
// carries blobs and forwarded changes. A connection needs a certificate of a member, with one
// exception: a node that joins proves that it has a token.
package cluster
