package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"tabcell/cmd/tabcell/internal/endpoints"
	"tabcell/cmd/tabcell/internal/term"
	"tabcell/runtime/registry"
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

// variable is an environment variable of this run.
func (a *App) getenv(name string) string {
	for _, pair := range a.Environ {
		if value, ok := strings.CutPrefix(pair, name+"="); ok {
			return value
		}
	}
	return ""
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

// printJSON is for programs, and for people who look at it: <, > and & stay as they are.
func (a *App) printJSON(v any) error {
	out := json.NewEncoder(a.Stdout)
	out.SetIndent("", "  ")
	out.SetEscapeHTML(false)
	return out.Encode(v)
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

func (a *App) deployEndpointCommand(o *endpointOptions) *cobra.Command {
	cmd := &cobra.Command{
		Use: "deploy FILE.py|ARCHIVE", Short: "Deploy a function, or a new version of one",
		Long: `Deploy a function as a new endpoint, or as a new version of one. FILE.py is a Python module with the function in it, which is run once when it
is loaded; what it computes then is there in every call. Any other file is an archive as TabPy's client writes it (pickle_archive). A model that does
not load is not deployed.`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			d, err := o.deployment(args[0])
			if err != nil {
				return err
			}
			return a.withStore(o, true, func(ctx context.Context, s endpoints.Store) error { return a.deploy(ctx, s, d) })
		},
	}
	cmd.Flags().StringVar(&o.name, "name", "", "the endpoint's `name` (default: the function's, or the file's)")
	cmd.Flags().StringVar(&o.function, "function", "", "the `function` to call (default: the one named like the endpoint, or the only one)")
	cmd.Flags().StringVar(&o.description, "description", "", "one `line` about it")
	cmd.Flags().StringVar(&o.schema, "schema", "", "JSON `file` that describes its arguments and its result")
	cmd.Flags().StringSliceVar(&o.requires, "requires", nil, "`modules` that it needs, with commas between them")
	cmd.Flags().BoolVar(&o.public, "public", false, "show it to everybody in Tableau's function explorer")
	return cmd
}

// deployment reads the file.
func (o *endpointOptions) deployment(path string) (registry.Deployment, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return registry.Deployment{}, err
	}
	base := filepath.Base(path)
	d := registry.Deployment{Replace: true, Metadata: registry.Metadata{Description: o.description, Public: o.public}}
	d.Code = registry.Code{Kind: registry.Pickle, Requires: o.requires, Content: content}
	if strings.HasSuffix(base, ".py") {
		d.Code.Kind, d.Code.Function = registry.Source, o.function
	}
	for _, name := range []string{o.name, o.function, strings.TrimSuffix(base, filepath.Ext(base))} {
		if d.Name == "" {
			d.Name = name
		}
	}
	if o.schema != "" {
		if d.Schema, err = os.ReadFile(o.schema); err == nil && !json.Valid(d.Schema) {
			err = fmt.Errorf("%s is no JSON", o.schema)
		}
	}
	return d, errors.Join(err, registry.CheckName(d.Name))
}

// deploy deploys one and says so.
func (a *App) deploy(ctx context.Context, s endpoints.Store, d registry.Deployment) error {
	version, err := s.Deploy(ctx, d)
	if err != nil {
		return fmt.Errorf("%s was not deployed: %w", d.Name, err)
	}
	_, err = fmt.Fprintf(a.Stdout, "Successfully deployed %s (version %d)\n", d.Name, version)
	return err
}

func (a *App) rollbackCommand(o *endpointOptions) *cobra.Command {
	cmd := &cobra.Command{
		Use: "rollback NAME", Short: "Deploy an old version's code again, as a new version", Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.withStore(o, true, func(_ context.Context, s endpoints.Store) error {
				version, err := s.Rollback(args[0], o.to)
				if err == nil {
					_, err = fmt.Fprintf(a.Stdout, "%s is rolled back (version %d)\n", args[0], version)
				}
				return err
			})
		},
	}
	cmd.Flags().IntVar(&o.to, "to", 0, "`version` to go back to (default: the one before the current)")
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

// withStore opens the store that the flags mean, and closes it after work.
func (a *App) withStore(o *endpointOptions, writes bool, work func(context.Context, endpoints.Store) error) error {
	ctx, cancel := a.signalContext()
	defer cancel()
	s, err := a.openStore(ctx, o, writes)
	if err != nil {
		return err
	}
	return errors.Join(work(ctx, s), s.Close())
}

func (a *App) openStore(ctx context.Context, o *endpointOptions, writes bool) (endpoints.Store, error) {
	options := endpoints.Options{
		User: o.user, Password: a.getenv("TABCELL_CLIENT_PASSWORD"), Token: a.getenv("TABCELL_CLIENT_TOKEN"), CA: o.ca,
		Stderr: a.Stderr, Ask: a.promptLine,
		Start: func(ctx context.Context, s settings.Settings) (endpoints.ModelLoader, error) {
			return a.startEngine(ctx, s)
		},
	}
	if o.url != "" {
		return endpoints.Dial(ctx, o.url, options)
	}
	loaded, err := loadSettings(o.src)
	if err != nil {
		return nil, err
	}
	return endpoints.Open(ctx, loaded, writes, options)
}
