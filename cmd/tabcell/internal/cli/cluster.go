package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tabcell/runtime/cluster"
	"tabcell/settings"

	"github.com/spf13/cobra"
)

const clusterHelp = `Connect servers that share their deployed endpoints. The nodes agree on each change, every node
answers from its own disk, and a load balancer sends requests to any of them.

init and join prepare the folder of a node (TABCELL_CLUSTER_PATH), and the next start of the server
takes part. They have to be run as the user of the server. The other commands ask the running server of this machine, as its user or as root: they
need no password, but the key in that folder. They can be repeated, also after an interruption.

The page cluster of the manual (` + "`tabcell docs cluster`" + `) has the steps, the ports, the failures that
a cluster survives, and examples for balancers and Kubernetes.`

const clusterExample = `  tabcell cluster init --advertise 10.0.0.11:9005      # on the first machine, then restart it
  tabcell cluster token                                # there; prints a token for one node
  tabcell cluster join 10.0.0.11:9005 --advertise 10.0.0.12:9005   # on the second; asks for the token
  tabcell cluster status`

// clusterOptions holds the flags of the cluster commands.
type clusterOptions struct {
	src     settings.Sources
	timeout time.Duration
	json    bool
}

func (a *App) clusterCommand() *cobra.Command {
	o := &clusterOptions{src: settings.Sources{Environ: a.Environ}}
	cmd := &cobra.Command{
		Use:     "cluster",
		Short:   "Connect servers that share their endpoints",
		Long:    clusterHelp + exitHelp,
		Example: clusterExample,
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	flags := cmd.PersistentFlags()
	flags.StringVar(&o.src.File, "config", "", "configuration `file`, which names the folders of the node")
	flags.DurationVar(&o.timeout, "wait", 30*time.Second, "`time` to wait for the cluster")
	cmd.AddCommand(
		a.clusterInitCommand(o), a.clusterTokenCommand(o), a.clusterJoinCommand(o), a.clusterStatusCommand(o),
		a.clusterNodeCommand(o, "promote NODE", "Make a node a voter", promoteHelp, promoteNode),
		a.clusterNodeCommand(o, "demote NODE", "Make a voter a node that only follows", demoteHelp, demoteNode),
		a.clusterRemoveCommand(o), a.clusterLeaveCommand(o), a.clusterRotateCommand(o), a.clusterBackupCommand(), a.clusterRestoreCommand(),
	)
	return cmd
}

// withCluster calls work with a connection to the running node of this machine.
func (a *App) withCluster(o *clusterOptions, work func(context.Context, *cluster.Client) error) error {
	loaded, err := loadSettings(o.src)
	if err != nil {
		return err
	}
	ctx, cancel := a.signalContext()
	defer cancel()
	ctx, stop := context.WithTimeout(ctx, o.timeout)
	defer stop()
	client, err := cluster.Dial(loaded.Settings.Cluster.Path)
	if err != nil {
		return clusterHint(err, loaded.Settings.Cluster.Path)
	}
	return errors.Join(clusterHint(work(ctx, client), loaded.Settings.Cluster.Path), client.Close())
}

// clusterHint adds advice to the errors of a node. path is the folder of the node.
func clusterHint(err error, path string) error {
	hint := ""
	switch {
	case errors.Is(err, cluster.ErrNoIdentity):
		hint = fmt.Sprintf(" (folder %s; --config names the configuration of the server)", path)
	case errors.Is(err, cluster.ErrNotRunning):
		hint = ", or run the command on another node"
	case errors.Is(err, cluster.ErrNoMajority), errors.Is(err, cluster.ErrNoLeader):
		hint = "; `tabcell cluster status` shows which nodes cannot be reached"
	case errors.Is(err, context.DeadlineExceeded):
		hint = "; raise --wait, or look at `tabcell cluster status`: the command can be repeated"
	default:
		return err
	}
	return fmt.Errorf("%w%s", err, hint)
}
