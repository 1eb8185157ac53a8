package consoleinfo

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"tabcell/runtime/cluster"
)

func TestCluster(t *testing.T) {
	now := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	got := newCluster(cluster.Status{
		Cluster: "c1", Leader: "a1", Majority: true, Advice: []string{"use an odd number"},
		Nodes: []cluster.NodeStatus{
			{ID: "a1", Name: "node1", Address: "10.0.0.11:9005", Build: "1.0", State: cluster.StateLeader, Voter: true, Applied: 9, CertificateExpires: now.AddDate(0, 0, 10)},
			{
				ID: "a2", Name: "node2", State: cluster.StateFollower, Wanted: true, Self: true, Lag: 7, Delay: 1500 * time.Millisecond, Missing: 2,
				LastContact: -1, Clock: -time.Second, CertificateExpires: now.AddDate(0, 0, -1),
			},
			{ID: "a3", Name: "node3", State: cluster.StateUnreachable, Lag: 5, LastContact: -1, Problem: "does not answer"},
		},
	}, now)
	text, err := json.MarshalIndent(got, "", "")
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"cluster":"c1","leader":"node1","majority":true,"nodes":[` +
		`{"name":"node1","address":"10.0.0.11:9005","version":"1.0","state":"leader","role":"voter","self":false,"problem":"","lag":0,"delay_ms":0,"applied":9,"missing":0,` +
		`"last_contact_ms":0,"clock_ms":0,"certificate_expires":"2026-12-11T00:00:00Z","days_left":10},` +
		`{"name":"node2","address":"","version":"","state":"follower","role":"future voter","self":true,"problem":"","lag":7,"delay_ms":1500,"applied":0,"missing":2,` +
		`"clock_ms":-1000,"certificate_expires":"2026-11-30T00:00:00Z","days_left":-1},` +
		`{"name":"node3","address":"","version":"","state":"unreachable","role":"non-voter","self":false,"problem":"does not answer"}],` +
		`"more":0,"advice":["use an odd number"]}`
	if flat := strings.ReplaceAll(strings.ReplaceAll(string(text), "\n", ""), `": `, `":`); flat != want {
		t.Errorf("got  %s\nwant %s", flat, want)
	}
	if got := newCluster(cluster.Status{Nodes: []cluster.NodeStatus{{Name: "node1"}}}, now); got.Leader != "" {
		t.Errorf("without a leader: %+v", got)
	}
}

// Many requests ask the nodes once. If the client of the first request goes away, the others still
// get the whole state.
func TestClusterIsAskedOnce(t *testing.T) {
	asked := 0
	n := NewNodes(func(ctx context.Context) cluster.Status {
		asked++
		return cluster.Status{Majority: ctx.Err() == nil}
	})
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	n.Cluster(gone)
	n.recent.until = time.Now().Add(maxNodesAge) // however slow the machine is
	if got := n.Cluster(t.Context()); !got.Majority || asked != 1 {
		t.Errorf("%+v after %d questions", got, asked)
	}
}
