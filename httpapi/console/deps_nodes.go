package console

import (
	"context"
	"time"
)

// Nodes shows the cluster to which the server belongs. It must be safe for concurrent use.
type Nodes interface {
	// Cluster returns the state of the cluster as this server sees it. It asks the other nodes, which
	// takes a second at most. Their texts are not trusted.
	Cluster(ctx context.Context) Cluster
}

// Cluster is the state of a cluster.
type Cluster struct {
	Name     string   `json:"cluster"`
	Leader   string   `json:"leader"`   // name of the node; "" if there is none
	Majority bool     `json:"majority"` // endpoints can be changed
	Nodes    []Node   `json:"nodes"`
	More     int      `json:"more"` // nodes that are not listed
	Advice   []string `json:"advice"`
}

// Node is a node of a cluster. The figures of one that does not answer are nil.
type Node struct {
	Name    string `json:"name"`
	Address string `json:"address"`
	Version string `json:"version"` // of the program
	State   string `json:"state"`   // leader, follower, candidate, unreachable or left
	Role    string `json:"role"`    // voter, non-voter or future voter
	Self    bool   `json:"self"`    // the node that answers
	Problem string `json:"problem"` // "" or what is wrong

	Lag         *uint64    `json:"lag,omitempty"`             // changes that it has not applied
	Delay       *float64   `json:"delay_ms,omitempty"`        // since the first of them was made; nil if unknown
	Applied     *uint64    `json:"applied,omitempty"`         // index of its last change
	Missing     *int       `json:"missing,omitempty"`         // models whose code it lacks
	LastContact *float64   `json:"last_contact_ms,omitempty"` // with the leader; nil if there was none
	Clock       *float64   `json:"clock_ms,omitempty"`        // ahead of this server
	Expires     *time.Time `json:"certificate_expires,omitempty"`
	DaysLeft    *int       `json:"days_left,omitempty"` // of the certificate
}
