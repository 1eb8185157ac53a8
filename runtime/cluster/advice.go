package cluster

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/raft"
)

// lateRenewal is the remaining lifetime of a node's certificate that calls for attention. The node
// has tried to renew it for long by then (renewBefore).
const lateRenewal = 7 * 24 * time.Hour

// adviseNodes adds notes about certificates and versions of the nodes that answer.
func (s *Status) adviseNodes(now time.Time) {
	builds := map[string]bool{}
	for _, node := range s.Nodes {
		if node.State == StateUnreachable {
			continue
		}
		builds[node.Build] = true
		switch left := node.CertificateExpires.Sub(now); {
		case left <= 0:
			s.Advice = append(s.Advice, fmt.Sprintf("the certificate of node %s has expired; check its clock, or remove the node and join again", node.Name))
		case left < lateRenewal:
			s.Advice = append(s.Advice, fmt.Sprintf("the certificate of node %s expires in %d hours and was not renewed; let the node reach the leader", node.Name, int(left.Hours())))
		}
	}
	if len(builds) > 1 {
		s.Advice = append(s.Advice, "the nodes run the versions "+strings.Join(slices.Sorted(maps.Keys(builds)), ", ")+"; finish the upgrade")
	}
}

// measureDelays sets how long the nodes that are behind have been so: the time since this node got
// the first change that they lack.
func (n *Node) measureDelays(s *Status, now time.Time) {
	for i := range s.Nodes {
		node := &s.Nodes[i]
		switch {
		case node.State == StateUnreachable:
			node.Delay = -1
		case node.Lag > 0:
			node.Delay = n.age(node.Applied+1, now)
		}
	}
}

// age returns the time since an entry of the log arrived, or since the oldest entry did if the log no
// longer has it. For entries from before the start, it is the time since the leader received them,
// by the clocks of both. It returns -1 if the log has neither.
func (n *Node) age(index uint64, now time.Time) time.Duration {
	first, err := n.store.FirstIndex()
	if err != nil {
		return -1
	}
	if age, ok := n.store.arrivals.age(max(index, first)); ok {
		return age
	}
	var entry raft.Log
	if err := n.store.GetLog(max(index, first), &entry); err != nil {
		return -1
	}
	return max(0, now.Sub(entry.AppendedAt))
}
