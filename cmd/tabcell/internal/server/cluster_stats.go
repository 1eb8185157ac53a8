package server

import (
	"tabcell/httpapi"
	"tabcell/runtime/cluster"
	"tabcell/settings"
)

// clusterStats implements httpapi.ClusterStatsSource.
type clusterStats struct{ node *cluster.Node }

// ClusterStats implements httpapi.ClusterStatsSource.
func (c clusterStats) ClusterStats() httpapi.ClusterStats {
	s := c.node.Local()
	members, down := c.node.Members()
	return httpapi.ClusterStats{
		Node: s.ID, Name: s.Name, Leader: s.State == cluster.StateLeader, HasLeader: s.State == cluster.StateLeader || s.State == cluster.StateFollower,
		Voter: s.Voter, Synced: s.Synced, Lag: s.Lag, Missing: s.Missing, LastContact: s.LastContact, CertificateExpires: s.CertificateExpires,
		Members: httpapi.MemberCount(members), Down: httpapi.MemberCount(down),
	}
}

// nodeName returns the name of this node for the audit trail, or "" for a server that is alone.
func nodeName(s settings.Cluster) string {
	id, err := cluster.ReadIdentity(s.Path)
	if err != nil || id.Left {
		return ""
	}
	return id.Name
}
