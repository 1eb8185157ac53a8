package console

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// fixedNodes implements Nodes.
type fixedNodes func() Cluster

func (f fixedNodes) Cluster(context.Context) Cluster { return f() }

// Administrators see the nodes of a cluster; others do not learn that there is one.
func TestNodes(t *testing.T) {
	s := newFakeServer(t, true)
	admin, other := s.signedIn(everyone, "secret-1"), s.signedIn(User{Name: "ann", Account: "Basic ann", Roles: allRoles &^ RoleAdmin}, "secret-2")
	if w := admin.do("GET", "/admin/nodes", ""); w.Code != 501 || code(t, w) != "unavailable" || admin.session().Cluster {
		t.Errorf("a server that is alone: %d %s", w.Code, w.Body)
	}
	s.deps.Nodes = fixedNodes(func() Cluster { return Cluster{Leader: "node1", Majority: true, Nodes: []Node{{Name: "node1"}}} })
	if w := admin.do("GET", "/admin/nodes", ""); w.Code != 200 || !strings.Contains(w.Body.String(), `"leader":"node1"`) || !strings.Contains(w.Body.String(), `"advice":[]`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := other.do("GET", "/admin/nodes", ""); w.Code != 403 {
		t.Errorf("without the role admin: %d %s", w.Code, w.Body)
	}
	if !admin.session().Cluster || other.session().Cluster || s.client().session().Cluster {
		t.Error("the session shows the cluster to others than administrators")
	}
}

// The texts and lists of other nodes are cut, and the source keeps its own.
func TestNodesAreBounded(t *testing.T) {
	s := newFakeServer(t, true)
	long := strings.Repeat("ä", 1<<20)
	source := Cluster{Name: long, Leader: long, Nodes: slices.Repeat([]Node{{Name: long, Address: long, Version: long, State: long, Role: long, Problem: long}}, 10*maxNodes)}
	source.Advice = slices.Repeat([]string{long}, 10*maxAdvice)
	s.deps.Nodes = fixedNodes(func() Cluster { return source })
	w := s.signedIn(everyone, "secret-1").do("GET", "/admin/nodes", "")
	var got Cluster
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Nodes) != maxNodes || got.More != 9*maxNodes || len(got.Advice) != maxAdvice {
		t.Errorf("%d nodes, %d more, %d notes", len(got.Nodes), got.More, len(got.Advice))
	}
	if limit := (6*maxNodes+maxAdvice+2)*(maxNodeText+10) + maxNodes*200; w.Body.Len() > limit {
		t.Errorf("the response has %d bytes, more than %d", w.Body.Len(), limit)
	}
	for _, text := range []string{got.Name, got.Leader, got.Advice[0], got.Nodes[0].Problem, got.Nodes[maxNodes-1].Role} {
		if !strings.HasSuffix(text, "ä...") {
			t.Errorf("%.20s is not cut between characters", text)
		}
	}
	if source.Nodes[0].Name != long {
		t.Error("the source was changed")
	}
}
