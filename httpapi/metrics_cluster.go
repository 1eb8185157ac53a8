package httpapi

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// ClusterStats is the state of this node of a cluster, as the node itself knows it.
type ClusterStats struct {
	Node, Name         string // ID and name
	Leader             bool   // this node leads
	HasLeader          bool   // this node has contact with a leader, or leads
	Voter              bool
	Synced             bool          // it serves the present endpoints
	Lag                uint64        // changes that it knows and has not applied
	Missing            int           // models whose code it lacks
	LastContact        time.Duration // with the leader; negative if there was none
	CertificateExpires time.Time
	// Members has the numbers of voters and of other nodes. Down has those that do not answer; only
	// the leader knows them.
	Members, Down MemberCount
}

// MemberCount counts nodes of a cluster.
type MemberCount struct{ Voters, Others int }

// ClusterStatsSource returns the state of this node of a cluster.
type ClusterStatsSource interface{ ClusterStats() ClusterStats }

var (
	clusterNodeDesc = prometheus.NewDesc(prometheus.BuildFQName(namespace, "", "cluster_node_info"),
		"Always 1; the labels name this node of the cluster.", []string{"node", "name"}, nil)
	clusterLeaderDesc    = newDesc("cluster_leader", "1 if this node is the leader of the cluster, otherwise 0. The sum over all nodes should be 1.")
	clusterHasLeaderDesc = newDesc("cluster_has_leader", "1 if this node has contact with a leader; 0 while endpoints cannot be changed through it.")
	clusterVoterDesc     = newDesc("cluster_voter", "1 if this node decides about changes, 0 if it only follows.")
	clusterSyncedDesc    = newDesc("cluster_synced", "1 if this node serves the endpoints of the cluster, 0 while it serves older ones.")
	clusterLagDesc       = newDesc("cluster_lag", "Changes that this node has received and not applied.")
	clusterMissingDesc   = newDesc("cluster_missing_models", "Versions of models whose code this node lacks.")
	clusterContactDesc   = newDesc("cluster_last_contact_seconds", "Time since the last message of the leader; 0 on the leader, -1 if there was none.")
	clusterExpiryDesc    = newDesc("cluster_certificate_expiry_seconds", "Time at which the certificate of this node expires, in seconds since 1970. It is renewed before.")
)

var (
	clusterMembersDesc = prometheus.NewDesc(prometheus.BuildFQName(namespace, "", "cluster_members"),
		"Nodes of the cluster, by role: voter or non-voter.", []string{"role"}, nil)
	clusterDownDesc = prometheus.NewDesc(prometheus.BuildFQName(namespace, "", "cluster_members_down"),
		"Nodes that do not answer the leader, by role. Only the leader knows them; 0 on others.", []string{"role"}, nil)
)

// clusterCollector collects the state of this node of a cluster.
type clusterCollector struct{ source ClusterStatsSource }

// addCluster adds the state of this node, if source is not nil.
func (m *metrics) addCluster(source ClusterStatsSource) {
	if source != nil {
		m.registry.MustRegister(clusterCollector{source})
	}
}

// Describe implements prometheus.Collector.
func (clusterCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		clusterNodeDesc, clusterLeaderDesc, clusterHasLeaderDesc, clusterVoterDesc, clusterSyncedDesc, clusterLagDesc, clusterMissingDesc, clusterContactDesc, clusterExpiryDesc,
		clusterMembersDesc, clusterDownDesc,
	} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (c clusterCollector) Collect(ch chan<- prometheus.Metric) {
	s := c.source.ClusterStats()
	ch <- prometheus.MustNewConstMetric(clusterNodeDesc, prometheus.GaugeValue, 1, s.Node, s.Name)
	gauge := func(d *prometheus.Desc, value float64) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value)
	}
	gauge(clusterLeaderDesc, oneIf(s.Leader))
	gauge(clusterHasLeaderDesc, oneIf(s.HasLeader))
	gauge(clusterVoterDesc, oneIf(s.Voter))
	gauge(clusterSyncedDesc, oneIf(s.Synced))
	gauge(clusterLagDesc, float64(s.Lag))
	gauge(clusterMissingDesc, float64(s.Missing))
	gauge(clusterContactDesc, max(-1, s.LastContact.Seconds()))
	gauge(clusterExpiryDesc, float64(s.CertificateExpires.Unix()))
	members := func(d *prometheus.Desc, n MemberCount) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(n.Voters), "voter")
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(n.Others), "non-voter")
	}
	members(clusterMembersDesc, s.Members)
	members(clusterDownDesc, s.Down)
}

// oneIf returns 1 for true and 0 for false.
func oneIf(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
