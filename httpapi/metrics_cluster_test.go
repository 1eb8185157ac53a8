package httpapi

import (
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

type fixedCluster ClusterStats

func (c fixedCluster) ClusterStats() ClusterStats { return ClusterStats(c) }

func TestClusterMetrics(t *testing.T) {
	m := &metrics{registry: prometheus.NewRegistry()}
	m.addCluster(nil) // a server that is alone has none
	m.addCluster(fixedCluster{Node: "n1", Name: "node1", HasLeader: true, Voter: true, Lag: 7, Missing: 2, LastContact: -time.Minute, CertificateExpires: time.Unix(1800000000, 0)})
	got := gaugesOf(t, m)
	for name, want := range map[string]float64{
		"tabcell_cluster_node_info": 1, "tabcell_cluster_leader": 0, "tabcell_cluster_has_leader": 1, "tabcell_cluster_voter": 1, "tabcell_cluster_synced": 0,
		"tabcell_cluster_lag": 7, "tabcell_cluster_missing_models": 2, "tabcell_cluster_last_contact_seconds": -1, "tabcell_cluster_certificate_expiry_seconds": 1.8e9,
	} {
		if value, ok := got[name]; !ok || value != want {
			t.Errorf("%s is %v (%v), want %v", name, value, ok, want)
		}
	}
}

func TestClusterMemberMetrics(t *testing.T) {
	m := &metrics{registry: prometheus.NewRegistry()}
	m.addCluster(fixedCluster{Leader: true, Members: MemberCount{3, 2}, Down: MemberCount{1, 0}})
	got := gaugesOf(t, m)
	for name, want := range map[string]float64{
		"tabcell_cluster_members voter": 3, "tabcell_cluster_members non-voter": 2, "tabcell_cluster_members_down voter": 1, "tabcell_cluster_members_down non-voter": 0,
	} {
		if value, ok := got[name]; !ok || value != want {
			t.Errorf("%s is %v (%v), want %v", name, value, ok, want)
		}
	}
}

// gaugesOf returns the values of gauges by name, and by name and role if they have one.
func gaugesOf(t *testing.T, m *metrics) map[string]float64 {
	t.Helper()
	families, err := m.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			name := family.GetName()
			if labels := metric.GetLabel(); len(labels) == 1 {
				name += " " + labels[0].GetValue()
			}
			got[name] = metric.GetGauge().GetValue()
		}
	}
	return got
}
