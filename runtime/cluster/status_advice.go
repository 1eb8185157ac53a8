package cluster

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// finish computes the figures that depend on several nodes.
func (s *Status) finish() {
	slices.SortFunc(s.Nodes, func(a, b NodeStatus) int { return strings.Compare(a.Name+a.ID, b.Name+b.ID) })
	commit, voters, up := uint64(0), 0, 0
	for _, node := range s.Nodes {
		if node.State == StateLeader {
			commit = max(commit, node.Commit)
		}
		if node.Voter {
			voters++
			if node.State != StateUnreachable {
				up++
			}
		}
	}
	for i := range s.Nodes {
		if node := &s.Nodes[i]; node.State != StateUnreachable {
			node.Lag = commit - min(commit, node.Applied)
		}
	}
	s.Majority = voters > 0 && up > voters/2 && s.Leader != ""
	s.advise(voters, up)
}

// maxClock is the difference of clocks that is worth a note.
const maxClock = 5 * time.Second

// advise adds notes about the nodes.
func (s *Status) advise(voters, up int) {
	switch {
	case voters == 0:
		s.Advice = append(s.Advice, "this node has no contact with the cluster yet")
	case voters == 1:
		s.Advice = append(s.Advice, "there is one voter: its loss ends changes, and a disk failure can lose endpoints; add two nodes")
	case voters%2 == 0:
		s.Advice = append(s.Advice, fmt.Sprintf("%d voters tolerate no more failures than %d; use an odd number", voters, voters-1))
	}
	if voters > 1 && up == voters/2+1 && up < voters {
		s.Advice = append(s.Advice, "the loss of one more voter ends changes; bring the unreachable voters back, or remove them")
	}
	for _, node := range s.Nodes {
		if node.Clock.Abs() > maxClock {
			s.Advice = append(s.Advice, fmt.Sprintf("the clock of node %s differs by %s; synchronize the clocks", node.Name, node.Clock))
		}
	}
}

// advice returns notes about the authorities.
func (n *Node) advice() []string {
	all := n.machine.authorities()
	if len(all) < 2 {
		return nil
	}
	var waiting []string
	for _, m := range n.machine.members() {
		if m.Authority != all[0].fingerprint() {
			waiting = append(waiting, m.Name)
		}
	}
	slices.Sort(waiting)
	return []string{"the certificate authority is being replaced; nodes without a new certificate: " + strings.Join(waiting, ", ")}
}
