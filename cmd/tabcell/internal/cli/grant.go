package cli

import (
	"fmt"
	"text/tabwriter"

	"tabcell/cmd/tabcell/internal/grants"
	"tabcell/settings"

	"github.com/spf13/cobra"
)

// grantOptions holds the flags of the grant commands.
type grantOptions struct {
	src    settings.Sources
	caller grants.Caller
	asJSON bool
}

func (o *grantOptions) addFlags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.src.File, "config", "", "configuration `file`, which has the grants")
	cmd.Flags().StringVar(&o.caller.Account, "account", "", "`account` whose scripts use the grant; subject:NAME is the subject of a token")
	cmd.Flags().StringVar(&o.caller.Endpoint, "endpoint", "", "deployed `endpoint` whose code uses the grant")
	cmd.MarkFlagsMutuallyExclusive("account", "endpoint")
	cmd.Flags().BoolVar(&o.asJSON, "json", false, "print JSON")
	_ = cmd.MarkFlagRequired("config") // the flag exists
}

func (a *App) grantCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "grant",
		Short: "Show and test what scripts may reach outside their cells",
		Long: `Show and test the grants of a configuration: the sections [Grant NAME], which let scripts of some
accounts, or the code of some endpoints, read folders and connect to servers. The page
assets/docs/grants.md of the manual describes them.` + exitHelp,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.grantListCommand(), a.grantTestCommand())
	return cmd
}

func (a *App) grantListCommand() *cobra.Command {
	o := &grantOptions{src: settings.Sources{Environ: a.Environ}}
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the grants, or those of an account or endpoint",
		Long: `List the grants with their folders, servers, variables and users. With --account or --endpoint, list
only those that scripts of the account, or the code of the endpoint, may use. The command connects
to no server. Values of variables are not shown.` + exitHelp,
		Example: "  tabcell grant list --config tabpy.conf\n  tabcell grant list --config tabpy.conf --account ann",
		Args:    cobra.NoArgs,
		RunE:    func(*cobra.Command, []string) error { return a.grantList(o) },
	}
	o.addFlags(cmd)
	return cmd
}

// loadGrants reads the configuration and its grants.
func (o *grantOptions) loadGrants() (*settings.Loaded, *grants.Set, error) {
	loaded, err := loadSettings(o.src)
	if err != nil {
		return nil, nil, err
	}
	set, err := grants.New(loaded.Grants)
	return loaded, set, err
}

// grantJSON is the JSON form of a grant.
type grantJSON struct {
	Name      string            `json:"name"`
	Folders   map[string]string `json:"read"` // folder of the host by path for scripts
	Connect   []string          `json:"connect"`
	Variables []string          `json:"env"` // names
	Accounts  []string          `json:"accounts"`
	Endpoints []string          `json:"endpoints"`
}

func (a *App) grantList(o *grantOptions) error {
	loaded, set, err := o.loadGrants()
	if err != nil {
		return err
	}
	wanted := loaded.Grants
	if o.caller != (grants.Caller{}) {
		wanted = nil
		for _, g := range set.Of(o.caller).List {
			for _, one := range loaded.Grants {
				if one.Name == g.Name {
					wanted = append(wanted, one)
				}
			}
		}
	}
	if o.asJSON {
		all := []grantJSON{}
		for _, g := range wanted {
			all = append(all, newGrantJSON(g))
		}
		return a.printJSON(all)
	}
	return a.printGrants(wanted)
}

func newGrantJSON(g settings.Grant) grantJSON {
	out := grantJSON{Name: g.Name, Folders: map[string]string{}, Connect: []string{}, Variables: []string{}, Accounts: g.Accounts, Endpoints: g.Endpoints}
	for _, f := range g.Folders {
		out.Folders[f.Guest] = f.Host
	}
	for _, t := range g.Targets {
		out.Connect = append(out.Connect, t.String())
	}
	for _, v := range g.Env {
		out.Variables = append(out.Variables, v.Name)
	}
	return out
}

func (a *App) printGrants(all []settings.Grant) error {
	if len(all) == 0 {
		fmt.Fprintln(a.Stdout, "there are no grants")
		return nil
	}
	table := tabwriter.NewWriter(a.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "GRANT\tPERMITS\tFOR")
	for _, g := range all {
		fmt.Fprintf(table, "%s\t%s\t%s\n", g.Name, grantContent(g), grantUsers(g))
	}
	return table.Flush()
}
