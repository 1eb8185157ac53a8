package doctor

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tabcell/runtime/cluster"
	"tabcell/settings"
)

func TestClusterNode(t *testing.T) {
	set := settings.Cluster{Path: filepath.Join(t.TempDir(), "node")}
	if got := checkCluster(set, time.Now()); got != nil {
		t.Errorf("a server that is alone has the findings %v", got)
	}
	id, err := cluster.Init(set.Path, cluster.InitOptions{Name: "node1", Advertise: "127.0.0.1:9005"})
	if err != nil {
		t.Fatal(err)
	}
	got := checkCluster(set, time.Now())
	if len(got) != 2 || got[0].Severity != OK || got[1].Severity != Warning || !strings.Contains(got[1].Text, "cannot be asked") {
		t.Errorf("a node that does not run has the findings %v", got)
	}
	for at, want := range map[time.Time]Severity{id.Expires.Add(-time.Hour): Warning, id.Expires.Add(time.Hour): Failure} {
		if got := checkNodeCertificate(id, at); got.Severity != want || got.Advice == "" {
			t.Errorf("at %v: %+v, want %s", at, got, want)
		}
	}
}

func TestClusterNodes(t *testing.T) {
	s := cluster.Status{
		Leader: "a", Majority: true, Advice: []string{"use an odd number"},
		Nodes: []cluster.NodeStatus{{ID: "a", Name: "node1", Voter: true}, {ID: "b", Name: "node2", Problem: "does not\nanswer"}},
	}
	got := checkNodes(s)
	if len(got) != 3 || got[0].Severity != Warning || got[0].Text != "node2: does not answer" || got[1].Severity != OK || got[2].Text != "use an odd number" {
		t.Errorf("got %+v", got)
	}
	s.Majority = false
	if got := checkNodes(s); got[1].Severity != Failure {
		t.Errorf("without a majority: %+v", got)
	}
}
