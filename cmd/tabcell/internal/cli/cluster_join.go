package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"tabcell/cmd/tabcell/internal/buildinfo"
	"tabcell/cmd/tabcell/internal/endpoints"
	"tabcell/runtime/cluster"
	"tabcell/runtime/osfile"
	"tabcell/runtime/registry"
	"tabcell/settings"

	"github.com/spf13/cobra"
)

const clusterInitHelp = `Make this machine the first node of a cluster: write its identity, and the authority that will sign
the certificates of the other nodes, to TABCELL_CLUSTER_PATH. The server becomes a node when it is
started the next time, with its present endpoints and their versions and history. Until other nodes
join, it behaves as before.

Run it as the user of the server, for example with runuser -u tabcell. Repeating the command changes
nothing.`

const clusterTokenHelp = `Print a token with which a node joins. It is valid for one node and one hour, and has the fingerprint
of the cluster's authority, so that the node knows the cluster before it trusts it. Whoever has the
token can become a node and gets the code of all endpoints: treat it as a password.

Automatic installations, such as the Helm chart, use a token for several nodes (--uses, --ttl). With
--follower, its nodes never vote, for machines that come and go.`

const clusterJoinHelp = `Join the cluster of the node at PEER, HOST:PORT. The token comes from a terminal, from the file of
--token-file, or from standard input, but not from the command line, which other users can see. The
server takes part when it is started the next time; it then fetches all endpoints. Run the command
as the user of the server.

The endpoints of the cluster replace those of this machine. If it has endpoints, the command refuses,
unless --discard is set: export them first.

After an interruption, run the command again with the same token.`

// joinOptions holds the flags of cluster init and cluster join.
type joinOptions struct {
	*clusterOptions
	name, advertise, tokenFile string
	discard                    bool
}

// addTo adds the flags that init and join share.
func (o *joinOptions) addTo(cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.advertise, "advertise", "", "`HOST:PORT` at which the other nodes reach this one (default: TABCELL_CLUSTER_ADVERTISE)")
	cmd.Flags().StringVar(&o.name, "name", "", "`name` of the node (default: that of the host)")
}

// node returns the settings of the node, and checks the address that it gives to others.
func (o *joinOptions) node() (settings.Settings, error) {
	loaded, err := loadSettings(o.src)
	if err != nil {
		return settings.Settings{}, err
	}
	s := loaded.Settings
	if s.Models.Path == "" {
		return s, errors.New("a node needs a folder for the endpoints; set TABCELL_MODELS_PATH")
	}
	o.advertise = cmp.Or(o.advertise, s.Cluster.Advertised())
	host, port, err := net.SplitHostPort(o.advertise)
	switch ip := net.ParseIP(host); {
	case o.advertise == "":
		return s, errors.New("the other nodes need an address of this one; give it with --advertise HOST:PORT, or set TABCELL_CLUSTER_ADVERTISE")
	case err != nil || host == "" || port == "" || ip != nil && ip.IsUnspecified():
		return s, fmt.Errorf("--advertise %q is not an address that other nodes can connect to; write it like 10.0.0.11:9005", o.advertise)
	}
	return s, osfile.CheckUser(s.Cluster.Path)
}

func (a *App) clusterInitCommand(shared *clusterOptions) *cobra.Command {
	o := &joinOptions{clusterOptions: shared}
	var onlyOn string
	cmd := &cobra.Command{
		Use: "init", Short: "Make this machine the first node", Long: clusterInitHelp + exitHelp,
		Example: "  tabcell cluster init --advertise 10.0.0.11:9005", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if host, _ := os.Hostname(); onlyOn != "" && onlyOn != host {
				_, err := fmt.Fprintf(a.Stdout, "nothing was done, because this host is %s, not %s\n", host, onlyOn)
				return err
			}
			s, err := o.node()
			if err != nil {
				return err
			}
			id, err := cluster.Init(s.Cluster.Path, cluster.InitOptions{Name: o.name, Advertise: o.advertise})
			if err != nil {
				return err
			}
			a.printIdentity(id, s)
			fmt.Fprintln(a.Stdout, "then run `tabcell cluster token` here, and `tabcell cluster join "+id.Advertise+"` on the other machines")
			return nil
		},
	}
	o.addTo(cmd)
	cmd.Flags().StringVar(&onlyOn, "only-on", "", "do nothing unless the host has this `name`, for pods that share a template")
	return cmd
}

// printIdentity prints the node and the next step.
func (a *App) printIdentity(id cluster.Identity, s settings.Settings) {
	fmt.Fprintf(a.Stdout, "%s is a node of the cluster %s, at %s\nauthority: %s\nfolder: %s\n", id.Name, id.Cluster, id.Advertise, id.Fingerprint, s.Cluster.Path)
	if running, err := registry.ReadServer(s.Models.Path); err == nil {
		fmt.Fprintf(a.Stdout, "restart the server at %s, which then takes part\n", running.URL)
		return
	}
	fmt.Fprintln(a.Stdout, "start the server, which then takes part")
}

func (a *App) clusterTokenCommand(o *clusterOptions) *cobra.Command {
	var t cluster.TokenOptions
	var follower bool
	cmd := &cobra.Command{
		Use: "token", Short: "Print a token with which a node joins", Long: clusterTokenHelp + exitHelp,
		Example: "  tabcell cluster token\n  tabcell cluster token --uses 100 --ttl 720h --follower > workers.token", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if t.Uses < 1 || t.TTL < time.Second {
				return &usageError{errors.New("--uses must be at least 1, and --ttl at least 1s"), cmd.CommandPath()}
			}
			t.Voter = !follower
			return a.withCluster(o, func(ctx context.Context, c *cluster.Client) error {
				token, err := c.Token(ctx, t)
				if err == nil {
					_, err = fmt.Fprintln(a.Stdout, token)
				}
				return err
			})
		},
	}
	cmd.Flags().IntVar(&t.Uses, "uses", 1, "`number` of nodes that may join with it")
	cmd.Flags().DurationVar(&t.TTL, "ttl", time.Hour, "`time` until it expires")
	cmd.Flags().BoolVar(&follower, "follower", false, "nodes that join with it never vote")
	return cmd
}

func (a *App) clusterJoinCommand(shared *clusterOptions) *cobra.Command {
	o := &joinOptions{clusterOptions: shared}
	cmd := &cobra.Command{
		Use: "join PEER", Short: "Join the cluster of another node", Long: clusterJoinHelp + exitHelp,
		Example: "  tabcell cluster join 10.0.0.11:9005 --advertise 10.0.0.12:9005\n  tabcell cluster join node1:9005 --token-file token", Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return a.joinCluster(o, args[0]) },
	}
	o.addTo(cmd)
	cmd.Flags().StringVar(&o.tokenFile, "token-file", "", "`file` with the token (default: TABCELL_CLUSTER_TOKEN_FILE)")
	cmd.Flags().BoolVar(&o.discard, "discard", false, "set the endpoints of this machine aside, in a folder in the models folder")
	return cmd
}

func (a *App) joinCluster(o *joinOptions, peer string) error {
	s, err := o.node()
	if err == nil && !o.discard {
		err = checkNoEndpoints(s)
	}
	if err != nil {
		return err
	}
	token, err := a.clusterToken(cmp.Or(o.tokenFile, s.Cluster.TokenFile))
	if err != nil {
		return err
	}
	ctx, cancel := a.signalContext()
	defer cancel()
	ctx, stop := context.WithTimeout(ctx, o.timeout)
	defer stop()
	id, err := cluster.Join(ctx, s.Cluster.Path, cluster.JoinOptions{Name: o.name, Advertise: o.advertise, Peer: peer, Token: token, Build: buildinfo.Current().Version, Discard: o.discard})
	if err != nil {
		return fmt.Errorf("%s: %w", peer, clusterHint(err, s.Cluster.Path))
	}
	a.printIdentity(id, s)
	return nil
}

// checkNoEndpoints returns an error if this machine has endpoints that joining would replace. A node
// that has joined before may join again.
func checkNoEndpoints(s settings.Settings) error {
	if _, err := cluster.ReadIdentity(s.Cluster.Path); err == nil {
		return nil
	}
	n, err := endpoints.Count(s.Models.Path)
	if err != nil || n == 0 {
		return err
	}
	return fmt.Errorf("this machine has %d endpoints in %s, which those of the cluster would replace; export them "+
		"(`tabcell endpoint export --all FILE.tar`), and join with --discard", n, s.Models.Path)
}

// clusterToken reads a token from a file, or else from a terminal or standard input.
func (a *App) clusterToken(file string) (token string, err error) {
	if file != "" {
		token, err = a.readText(file)
	} else {
		token, err = a.promptLine("Token: ", true)
	}
	if token = strings.TrimSpace(token); err == nil && token == "" {
		err = errors.New("the token is empty; `tabcell cluster token` on a node prints one")
	}
	return token, err
}
