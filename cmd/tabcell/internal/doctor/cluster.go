package doctor

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"tabcell/runtime/cluster"
	"tabcell/settings"
)

// renewedDays is how many days before its end a node's certificate has been renewed for long.
const renewedDays = 7

// checkCluster checks the node of a cluster on this machine, if there is one: its certificate, and
// what its server knows about the others if it runs.
func checkCluster(s settings.Cluster, now time.Time) []Finding {
	const subject = "cluster"
	if s.Path == "" {
		return nil
	}
	id, err := cluster.ReadIdentity(s.Path)
	switch {
	case errors.Is(err, cluster.ErrNoIdentity):
		return nil
	case err != nil:
		return []Finding{{Failure, subject, err.Error(), "restore " + s.Path + " from a backup, or remove it and join again"}}
	case id.Left:
		return nil
	}
	findings := []Finding{checkNodeCertificate(id, now)}
	status, err := askCluster(s.Path)
	if err != nil {
		text := fmt.Sprintf("%s is a node of the cluster %s; its server cannot be asked: %v", id.Name, id.Cluster, err)
		return append(findings, Finding{Warning, subject, text, "start the server, and repeat the check to see the other nodes"})
	}
	return append(findings, checkNodes(status)...)
}

// askCluster asks the running server of this machine for the state of the cluster.
func askCluster(path string) (cluster.Status, error) {
	client, err := cluster.Dial(path)
	if err != nil {
		return cluster.Status{}, err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return client.Status(ctx)
}

func checkNodeCertificate(id cluster.Identity, now time.Time) Finding {
	const subject = "cluster certificate"
	left := id.Expires.Sub(now)
	text := fmt.Sprintf("node %s, valid until %s", id.Name, id.Expires.UTC().Format("2006-01-02 15:04 UTC"))
	switch {
	case left <= 0:
		return Finding{Failure, subject, text + ", which has passed: the other nodes refuse it", "check the clock; otherwise remove the node on another one, and join again"}
	case left < renewedDays*24*time.Hour:
		return Finding{Warning, subject, text + "; it should have been renewed by now", "let the node reach the leader: tabcell cluster status"}
	}
	return Finding{OK, subject, text, ""}
}

// checkNodes checks the nodes as a server sees them: a majority, each node, and the advice.
func checkNodes(s cluster.Status) []Finding {
	const subject = "cluster"
	var findings []Finding
	voters := 0
	for _, n := range s.Nodes {
		if n.Voter {
			voters++
		}
		if n.Problem != "" {
			findings = append(findings, Finding{Warning, subject, n.Name + ": " + oneLine(n.Problem), "start the node, or correct the network; tabcell cluster remove gives it up"})
		}
	}
	text := fmt.Sprintf("%d nodes, %d of them voters", len(s.Nodes), voters)
	if s.Leader == "" || !s.Majority {
		findings = append(findings, Finding{Failure, subject, text + "; there is no leader with a majority, so endpoints cannot be changed", "start the missing voters"})
	} else {
		findings = append(findings, Finding{OK, subject, text + "; changes are possible", ""})
	}
	for _, advice := range s.Advice {
		findings = append(findings, Finding{Warning, subject, oneLine(advice), "see tabcell docs cluster"})
	}
	return findings
}

// oneLine removes line feeds from a text of another node.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
