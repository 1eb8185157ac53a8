package consoleinfo

import (
	"context"
	"time"

	"tabcell/httpapi/console"
	"tabcell/runtime/cluster"
)

// maxNodesAge is the age up to which the state of a cluster is shown again. To find it out, all
// nodes are asked.
const maxNodesAge = 2 * time.Second

// Nodes implements console.Nodes.
type Nodes struct {
	status func(context.Context) cluster.Status
	recent cached[console.Cluster]
}

// NewNodes returns the nodes of a cluster. status is cluster.Node.Status.
func NewNodes(status func(context.Context) cluster.Status) *Nodes { return &Nodes{status: status} }

// Cluster implements console.Nodes. The nodes are asked even if the client is gone meanwhile: the
// state is that for the next one, too.
func (n *Nodes) Cluster(ctx context.Context) console.Cluster {
	return n.recent.get(maxNodesAge, time.Now, func() console.Cluster {
		return newCluster(n.status(context.WithoutCancel(ctx)), time.Now())
	})
}

func newCluster(s cluster.Status, now time.Time) console.Cluster {
	out := console.Cluster{Name: s.Cluster, Majority: s.Majority, Nodes: []console.Node{}, Advice: append([]string{}, s.Advice...)}
	for _, n := range s.Nodes {
		if n.ID == s.Leader && s.Leader != "" {
			out.Leader = n.Name
		}
		out.Nodes = append(out.Nodes, newNode(n, now))
	}
	return out
}

func newNode(n cluster.NodeStatus, now time.Time) console.Node {
	out := console.Node{Name: n.Name, Address: n.Address, Version: n.Build, State: n.State, Role: roleOf(n), Self: n.Self, Problem: n.Problem}
	if n.State == cluster.StateUnreachable {
		return out
	}
	expires, days := n.CertificateExpires.UTC(), int(n.CertificateExpires.Sub(now).Hours()/24)
	out.Lag, out.Applied, out.Missing, out.Expires, out.DaysLeft = &n.Lag, &n.Applied, &n.Missing, &expires, &days
	out.Delay, out.LastContact = known(n.Delay), known(n.LastContact)
	clock := milliseconds(n.Clock)
	out.Clock = &clock
	return out
}

// roleOf returns the role of a node in decisions about changes.
func roleOf(n cluster.NodeStatus) string {
	switch {
	case n.Voter:
		return "voter"
	case n.Wanted:
		return "future voter"
	}
	return "non-voter"
}

// known returns a duration in milliseconds, or nil if it is negative, which means unknown.
func known(d time.Duration) *float64 {
	if d < 0 {
		return nil
	}
	ms := milliseconds(d)
	return &ms
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
