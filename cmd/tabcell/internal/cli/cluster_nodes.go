package cli

import (
	"context"
	"errors"
	"fmt"

	"tabcell/runtime/cluster"

	"github.com/spf13/cobra"
)

const promoteHelp = `Make a node, given by its name or ID, a voter: one that decides about changes. It has to be reachable
and to have fetched the log first, for which the command waits ten seconds. Use 3 or 5 voters: a cluster accepts
changes while more than half of them are connected.`

const demoteHelp = `Make a voter, given by its name or ID, a node that only follows. The last voter cannot be demoted.`

const removeHelp = `Remove a node, given by its name or ID, whose machine does not come back. It is no longer asked and its
certificate is no longer accepted. To take a running server out, use ` + "`tabcell cluster leave`" + ` on it.

The command refuses to remove a voter if the others that answer are no majority, or have not all
models, unless --force is set. It succeeds if there is no such node, and then lists the nodes.`

const leaveHelp = `Take the server of this machine out of the cluster. It hands the leadership over if it has it. The
other nodes no longer accept its certificate. After its next start, it runs alone, with the endpoints
that it has.`

const rotateHelp = `Replace the authority of the cluster and the certificates of all nodes, for example after a machine
was stolen. The nodes trust both authorities until each has its new certificate, so that no change and
no request fails. Nodes that are away hold the rotation up; remove those that do not come back.

The command returns when the rotation has begun. ` + "`tabcell cluster status`" + ` shows its progress.`

// nodeAction changes a node, and returns a sentence about the result.
type nodeAction func(ctx context.Context, c *cluster.Client, node string) (string, error)

func promoteNode(ctx context.Context, c *cluster.Client, node string) (string, error) {
	return node + " is a voter", c.Promote(ctx, node)
}

func demoteNode(ctx context.Context, c *cluster.Client, node string) (string, error) {
	return node + " only follows", c.Demote(ctx, node)
}

func (a *App) clusterNodeCommand(o *clusterOptions, use, short, long string, action nodeAction) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Long: long + exitHelp, Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return a.changeNode(o, args[0], action) },
	}
}

// changeNode applies action to a node and prints the result.
func (a *App) changeNode(o *clusterOptions, node string, action nodeAction) error {
	return a.withCluster(o, func(ctx context.Context, c *cluster.Client) error {
		done, err := action(ctx, c, node)
		if err == nil {
			_, err = fmt.Fprintln(a.Stdout, done)
		}
		return err
	})
}

// removeNode removes a node. It succeeds if the node is not a member, as after a repeated command, and
// the result then names the members.
func removeNode(ctx context.Context, c *cluster.Client, node string, force bool) (string, error) {
	err := c.Remove(ctx, node, force)
	if errors.Is(err, cluster.ErrNoNode) {
		return fmt.Sprintf("%s is not a member, and nothing was changed: %v", node, err), nil
	}
	return node + " was removed", err
}

func (a *App) clusterRemoveCommand(o *clusterOptions) *cobra.Command {
	var force bool
	cmd := &cobra.Command{
		Use: "remove NODE", Short: "Remove a node that does not come back", Long: removeHelp + exitHelp, Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.changeNode(o, args[0], func(ctx context.Context, c *cluster.Client, node string) (string, error) {
				return removeNode(ctx, c, node, force)
			})
		},
	}
	cmd.Flags().BoolVar(&force, "force", false, "remove the node even if changes are impossible afterwards, or if models could be lost")
	return cmd
}

func (a *App) clusterLeaveCommand(o *clusterOptions) *cobra.Command {
	var force bool
	cmd := &cobra.Command{
		Use: "leave", Short: "Take the server of this machine out of the cluster", Long: leaveHelp + exitHelp, Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return a.changeNode(o, "", func(ctx context.Context, c *cluster.Client, _ string) (string, error) {
				return "this server has left the cluster; restart it, and it runs alone with its present endpoints", c.Leave(ctx, force)
			})
		},
	}
	cmd.Flags().BoolVar(&force, "force", false, "leave even if the cluster does not know this node any more")
	return cmd
}

func (a *App) clusterRotateCommand(o *clusterOptions) *cobra.Command {
	return &cobra.Command{
		Use: "rotate-ca", Short: "Replace the authority and all certificates of the cluster", Long: rotateHelp + exitHelp, Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return a.changeNode(o, "", func(ctx context.Context, c *cluster.Client, _ string) (string, error) {
				return "the rotation has begun; `tabcell cluster status` shows its progress", c.RotateCA(ctx)
			})
		},
	}
}

// clusterProblem returns an error if the status shows a problem that needs an administrator.
func clusterProblem(s cluster.Status) error {
	if s.Leader == "" || !s.Majority {
		return errors.New("the cluster has no leader or no majority: queries and scripts are answered, but changes get status 503")
	}
	return nil
}
