package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"text/tabwriter"

	"tabcell/cmd/tabcell/internal/endpoints"
	"tabcell/cmd/tabcell/internal/term"
	"tabcell/settings"

	"github.com/spf13/cobra"
)

const endpointHelp = `List, deploy, roll back, remove, export and import deployed endpoints, which are functions that
Tableau calls by name.

With --url the commands use a running server. Without it they use the configured models folder.
While a server has that folder open, commands that change something are sent to that server, whose
address and certificate are in the folder.

If the server requires authentication, the user name comes from --user or TABCELL_CLIENT_USER, and
the password from TABCELL_CLIENT_PASSWORD. Whichever is missing is asked for on a terminal, or else
read from standard input, one line each. A bearer token in TABCELL_CLIENT_TOKEN replaces both.`

const endpointExample = `  tabcell endpoint deploy model.py --function predict --name sales
  tabcell endpoint list
  tabcell endpoint show sales
  tabcell endpoint rollback sales
  tabcell endpoint deploy model.py --name sales --url https://tabpy.example.com --user ann
  tabcell endpoint import /var/lib/tabpy      # TabPy's state folder
  tabcell endpoint export --all backup.tar && tabcell endpoint import backup.tar --url http://other:9004`

// endpointOptions holds the flags of the endpoint commands.
type endpointOptions struct {
	src            settings.Sources
	url, user, ca  string
	name, function string
	description    string
	schema         string // path of a JSON file
	requires       []string
	public, json   bool
	to             int // version
}

func (a *App) endpointCommand() *cobra.Command {
	o := &endpointOptions{src: settings.Sources{Environ: a.Environ}}
	cmd := &cobra.Command{
		Use:        "endpoint",
		Short:      "List, deploy, roll back, remove, export and import deployed endpoints",
		Long:       endpointHelp + exitHelp,
		Example:    endpointExample,
		SuggestFor: []string{"model", "models"},
		Args:       cobra.NoArgs,
		RunE:       func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	flags := cmd.PersistentFlags()
	flags.StringVar(&o.url, "url", a.getenv("TABCELL_URL"), "`URL` of a running server, such as https://tabpy.example.com:9004 (TABCELL_URL)")
	flags.StringVar(&o.user, "user", a.getenv("TABCELL_CLIENT_USER"), "`name` to sign in with (TABCELL_CLIENT_USER)")
	flags.StringVar(&o.ca, "cacert", "", "PEM `file` with the certificate of the https server, or of the authority that signed it")
	flags.StringVar(&o.ca, "ca", "", "former name of --cacert")
	flags.Lookup("ca").Hidden = true
	flags.StringVar(&o.src.File, "config", "", "configuration `file`, which names the models folder")
	cmd.AddCommand(
		a.listEndpointsCommand(o), a.showEndpointCommand(o), a.deployEndpointCommand(o), a.rollbackCommand(o), a.removeEndpointCommand(o),
		a.exportCommand(o), a.importCommand(o), a.deployModelsCommand(o),
	)
	return cmd
}

func (a *App) listEndpointsCommand(o *endpointOptions) *cobra.Command {
	cmd := &cobra.Command{
		Use: "list", Short: "List the deployed endpoints", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return a.withStore(o, false, func(_ context.Context, s endpoints.Store) error {
				all, err := s.List()
				if err == nil && o.json {
					return a.printJSON(all)
				}
				if err == nil && len(all) == 0 {
					fmt.Fprintln(a.Stderr, "tabcell: no endpoints are deployed")
				}
				w := tabwriter.NewWriter(a.Stdout, 0, 0, 2, ' ', 0)
				for i, e := range all {
					if i == 0 {
						fmt.Fprintln(w, "NAME\tVERSION\tTYPE\tSTATUS\tDESCRIPTION")
					}
					fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s\n", term.FirstLine(e.Name), e.Version, term.FirstLine(endpoints.KindText(e)), term.FirstLine(cmp.Or(e.Status, "-")), term.FirstLine(e.Description))
				}
				return errors.Join(err, w.Flush())
			})
		},
	}
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

func (a *App) showEndpointCommand(o *endpointOptions) *cobra.Command {
	cmd := &cobra.Command{
		Use: "show NAME", Short: "Show how to call an endpoint, and its versions", Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.withStore(o, false, func(_ context.Context, s endpoints.Store) error {
				e, err := s.Show(args[0])
				switch {
				case err != nil:
					return err
				case o.json:
					return a.printJSON(e)
				}
				return e.Print(a.Stdout)
			})
		},
	}
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

func (a *App) removeEndpointCommand(o *endpointOptions) *cobra.Command {
	return &cobra.Command{
		Use: "remove NAME...", Short: "Remove endpoints with all their versions", Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.withStore(o, true, func(_ context.Context, s endpoints.Store) error {
				for _, name := range args {
					if err := s.Remove(name); err != nil {
						return err
					}
					fmt.Fprintf(a.Stdout, "%s was removed\n", name)
				}
				return nil
			})
		},
	}
}
