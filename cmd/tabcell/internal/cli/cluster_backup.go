package cli

import (
	"context"
	"fmt"
	"time"

	"tabcell/cmd/tabcell/internal/endpoints"
	"tabcell/runtime/cluster"
	"tabcell/settings"

	"github.com/spf13/cobra"
)

const clusterBackupHelp = `Write all endpoints, with their versions and history, to a new file, or to standard output if the file
is "-": the content of the cluster. Every node has all of it, so that the command reads the folder of
this machine, and warns if this node has not caught up. It is ` + "`tabcell endpoint export --all`" + `.

The file has no keys, tokens or accounts. Keep the configuration and the password file as well.`

const clusterRestoreHelp = `Give the endpoints in a file of backup their state in it. Endpoints that are not in the file stay. The
running node of this machine gets the file like any change, and replicates it; an account with the
role deploy is needed if the server requires authentication.

After the loss of all nodes, restore into a server that is alone, and then make it the first node:

  tabcell cluster restore backup.tar
  tabcell cluster init --advertise 10.0.0.11:9005`

func (a *App) clusterBackupCommand() *cobra.Command {
	o := &endpointOptions{src: settings.Sources{Environ: a.Environ}}
	cmd := &cobra.Command{
		Use: "backup FILE.tar|-", Short: "Write all endpoints with their history to a file", Long: clusterBackupHelp + exitHelp, Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			a.warnIncomplete(o.src)
			return a.withStore(o, false, func(_ context.Context, s endpoints.Store) error { return a.export(s, args[0], nil) })
		},
	}
	cmd.Flags().StringVar(&o.src.File, "config", "", "configuration `file`, which names the folders of the node")
	return cmd
}

// warnIncomplete prints a warning if the node of this machine does not have everything.
func (a *App) warnIncomplete(src settings.Sources) {
	loaded, err := loadSettings(src)
	if err != nil {
		return // withStore reports it
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	client, err := cluster.Dial(loaded.Settings.Cluster.Path)
	if err != nil {
		fmt.Fprintf(a.Stderr, "warning: the running node cannot be asked whether it has all changes: %v\n", err)
		return
	}
	defer client.Close()
	status, err := client.Status(ctx)
	if err != nil {
		fmt.Fprintf(a.Stderr, "warning: the node cannot be asked whether it has all changes: %v\n", err)
		return
	}
	for _, n := range status.Nodes {
		if n.Self && (n.Lag > 0 || n.Missing > 0 || status.Leader == "") {
			fmt.Fprintf(a.Stderr, "warning: this node lacks %d changes and %d files, or has no leader; make the backup on another node\n", n.Lag, n.Missing)
		}
	}
}

func (a *App) clusterRestoreCommand() *cobra.Command {
	o := &endpointOptions{src: settings.Sources{Environ: a.Environ}}
	i := &importRun{app: a, options: o, existing: existingReplace}
	cmd := &cobra.Command{
		Use: "restore FILE.tar|-", Short: "Restore the endpoints of a backup", Long: clusterRestoreHelp + exitHelp, Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.withStore(o, true, func(ctx context.Context, s endpoints.Store) error { return i.run(ctx, s, args[0]) })
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.src.File, "config", "", "configuration `file`, which names the folders of the node")
	flags.StringVar(&o.url, "url", "", "`URL` of a running node, instead of the one of this machine")
	flags.StringVar(&o.user, "user", a.getenv("TABCELL_CLIENT_USER"), "`name` to sign in with (TABCELL_CLIENT_USER)")
	flags.StringVar(&o.ca, "cacert", "", "PEM `file` with the certificate of the https server, or of the authority that signed it")
	flags.BoolVar(&i.dryRun, "dry-run", false, "check everything and change nothing")
	return cmd
}
