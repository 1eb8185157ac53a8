package cli

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"

	"tabcell/cmd/tabcell/internal/endpoints"
	"tabcell/cmd/tabcell/internal/term"
	"tabcell/settings"

	"github.com/spf13/cobra"
)

const endpointHelp = `List, deploy, roll back, remove, export and import deployed endpoints: functions that Tableau calls by name.

With --url the commands go to a running server. Without it they work on the models' folder of the configuration; while a server has that
folder open, what changes something goes to that server. A server with authentication is told the name in TABCELL_CLIENT_USER or --user, and the
password in TABCELL_CLIENT_PASSWORD or the first line of standard input, where a terminal asks for it; or the token in TABCELL_CLIENT_TOKEN.`

const endpointExample = `  tabcell endpoint deploy model.py --function predict --name sales
  tabcell endpoint list
  tabcell endpoint show sales
  tabcell endpoint rollback sales
  tabcell endpoint deploy model.py --name sales --url https://tabpy.example.com --user ann
  tabcell endpoint import /var/lib/tabpy      # TabPy's state folder
  tabcell endpoint export all.tar && tabcell endpoint import all.tar --url http://other:9004`

// endpointOptions are the flags of endpoint's commands.
type endpointOptions struct {
	src                settings.Sources
	url, user, ca      string
	name, function     string
	description        string
	schema             string // path of a JSON file
	requires           []string
	public, keep, json bool
	to                 int
}

func (a *App) endpointCommand() *cobra.Command {
	o := &endpointOptions{src: settings.Sources{Environ: a.Environ}}
	cmd := &cobra.Command{
		Use:     "endpoint",
		Short:   "List, deploy, roll back, remove, export and import deployed endpoints",
		Long:    endpointHelp + exitHelp,
		Example: endpointExample,
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	flags := cmd.PersistentFlags()
	flags.StringVar(&o.url, "url", a.getenv("TABCELL_URL"), "`address` of a running server, such as https://tabpy.example.com:9004 (TABCELL_URL)")
	flags.StringVar(&o.user, "user", a.getenv("TABCELL_CLIENT_USER"), "`name` to sign in with (TABCELL_CLIENT_USER)")
	flags.StringVar(&o.ca, "ca", "", "PEM `file` of the certificate that an https server must have, or of who signed one for its host name")
	flags.StringVar(&o.src.File, "config", "", "configuration `file` that names the models' folder")
	cmd.AddCommand(
		a.listEndpointsCommand(o), a.showEndpointCommand(o), a.deployEndpointCommand(o), a.rollbackCommand(o), a.removeEndpointCommand(o),
		a.exportCommand(o), a.importCommand(o), a.deployModelsCommand(o),
	)
	return cmd
}

func (a *App) listEndpointsCommand(o *endpointOptions) *cobra.Command {
	cmd := &cobra.Command{
		Use: "list", Short: "List what is deployed", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return a.withStore(o, false, func(_ context.Context, s endpoints.Store) error {
				all, err := s.List()
				if err == nil && o.json {
					return a.printJSON(all)
				}
				w := tabwriter.NewWriter(a.Stdout, 0, 0, 2, ' ', 0)
				for i, e := range all {
					if i == 0 {
						fmt.Fprintln(w, "NAME\tVERSION\tTYPE\tSTATUS\tDESCRIPTION")
					}
					fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s\n", term.FirstLine(e.Name), e.Version, term.FirstLine(endpoints.KindText(e)), term.FirstLine(orDash(e.Status)), term.FirstLine(e.Description))
				}
				return errors.Join(err, w.Flush())
			})
		},
	}
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

func (a *App) showEndpointCommand(o *endpointOptions) *cobra.Command {
	cmd := &cobra.Command{
		Use: "show NAME", Short: "Show one endpoint: how to call it, its versions", Args: cobra.ExactArgs(1),
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
					fmt.Fprintf(a.Stdout, "%s is removed\n", name)
				}
				return nil
			})
		},
	}
}
