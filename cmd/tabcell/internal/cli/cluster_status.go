package cli

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"tabcell/cmd/tabcell/internal/term"
	"tabcell/runtime/cluster"

	"github.com/spf13/cobra"
)

const clusterStatusHelp = `Show the nodes as the server of this machine sees them. The columns:

  NODE     its name; * is this machine
  STATE    leader, follower, candidate, unreachable, removed
  ROLE     voter, follower, or voter-to-be: a node that becomes a voter when it has caught up
  ADDRESS  at which the others reach it
  LAG      changes that it has not applied yet
  MISSING  files of models that it has not fetched yet; it answers from a peer's until then
  CLOCK    its clock compared to that of this machine
  EXPIRES  days until its certificate expires; it is renewed after two thirds of its time
  VERSION  of its program

The exit code is 1 if the cluster has no leader or no majority, so that changes fail.`

func (a *App) clusterStatusCommand(o *clusterOptions) *cobra.Command {
	cmd := &cobra.Command{
		Use: "status", Short: "Show the nodes, the leader and their lag", Long: clusterStatusHelp + exitHelp, Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return a.withCluster(o, func(ctx context.Context, c *cluster.Client) error {
				s, err := c.Status(ctx)
				if err == nil {
					err = a.printCluster(s, o.json)
				}
				if err == nil {
					err = clusterProblem(s)
				}
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

func (a *App) printCluster(s cluster.Status, asJSON bool) error {
	if asJSON {
		return a.printJSON(newClusterReport(s))
	}
	return writeCluster(a.Stdout, s, time.Now())
}

// writeCluster writes a status for people. Names and problems come from other nodes.
func writeCluster(w io.Writer, s cluster.Status, now time.Time) error {
	fmt.Fprintf(w, "cluster %s; leader: %s; changes are %s\n\n", term.FirstLine(s.Cluster), leaderName(s), acceptance(s))
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NODE\tSTATE\tROLE\tADDRESS\tLAG\tMISSING\tCLOCK\tEXPIRES\tVERSION")
	for _, n := range s.Nodes {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", nodeName(n), term.FirstLine(n.State), nodeRole(n), term.FirstLine(n.Address), nodeFigures(n, now))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, n := range s.Nodes {
		if n.Problem != "" {
			fmt.Fprintf(w, "%s: %s\n", term.FirstLine(n.Name), term.FirstLine(n.Problem))
		}
	}
	for _, advice := range s.Advice {
		fmt.Fprintf(w, "-> %s\n", term.FirstLine(advice))
	}
	return nil
}

// nodeFigures returns the columns that only a reachable node has.
func nodeFigures(n cluster.NodeStatus, now time.Time) string {
	if n.State == "unreachable" {
		return "-\t-\t-\t-\t-"
	}
	return fmt.Sprintf("%d\t%d\t%s\t%d d\t%s", n.Lag, n.Missing, n.Clock.Round(time.Millisecond), int(n.CertificateExpires.Sub(now).Hours()/24), term.FirstLine(n.Build))
}

func nodeName(n cluster.NodeStatus) string {
	if n.Self {
		return term.FirstLine(n.Name) + "*"
	}
	return term.FirstLine(n.Name)
}

func nodeRole(n cluster.NodeStatus) string {
	switch {
	case n.Voter:
		return "voter"
	case n.Wanted:
		return "voter-to-be"
	}
	return "follower"
}

// leaderName returns the name of the leader, or "none".
func leaderName(s cluster.Status) string {
	for _, n := range s.Nodes {
		if n.ID == s.Leader && s.Leader != "" {
			return term.FirstLine(n.Name)
		}
	}
	return "none"
}

func acceptance(s cluster.Status) string {
	if clusterProblem(s) != nil {
		return "refused"
	}
	return "accepted"
}

// clusterReport is the JSON form of a status. Durations are in seconds.
type clusterReport struct {
	Cluster  string       `json:"cluster"`
	Leader   string       `json:"leader"` // ID; "" if there is none
	Majority bool         `json:"majority"`
	Nodes    []nodeReport `json:"nodes"`
	Advice   []string     `json:"advice"`
}

type nodeReport struct {
	ID          string    `json:"id"`
	Name        string    `json:"name"`
	Address     string    `json:"address"`
	Version     string    `json:"version"`
	State       string    `json:"state"`
	Role        string    `json:"role"`
	Self        bool      `json:"self"`
	Applied     uint64    `json:"applied"`
	Commit      uint64    `json:"commit"`
	Lag         uint64    `json:"lag"`
	Delay       float64   `json:"delay"` // of the first change that it lacks; -1 if it is unknown
	Missing     int       `json:"missing"`
	Commands    int       `json:"commands"`
	LastContact float64   `json:"last_contact"`
	Clock       float64   `json:"clock"`
	Expires     time.Time `json:"certificate_expires"`
	Problem     string    `json:"problem,omitempty"`
}

func newClusterReport(s cluster.Status) clusterReport {
	r := clusterReport{Cluster: s.Cluster, Leader: s.Leader, Majority: s.Majority, Nodes: []nodeReport{}, Advice: append([]string{}, s.Advice...)}
	for _, n := range s.Nodes {
		r.Nodes = append(r.Nodes, nodeReport{
			ID: n.ID, Name: n.Name, Address: n.Address, Version: n.Build, State: n.State, Role: nodeRole(n), Self: n.Self,
			Applied: n.Applied, Commit: n.Commit, Lag: n.Lag, Delay: delaySeconds(n), Missing: n.Missing, Commands: n.Commands,
			LastContact: n.LastContact.Seconds(), Clock: n.Clock.Seconds(), Expires: n.CertificateExpires, Problem: n.Problem,
		})
	}
	return r
}

// delaySeconds returns the delay of a node, or -1 if it is unknown.
func delaySeconds(n cluster.NodeStatus) float64 {
	if n.Delay < 0 {
		return -1
	}
	return n.Delay.Seconds()
}
