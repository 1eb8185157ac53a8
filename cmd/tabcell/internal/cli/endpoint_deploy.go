package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"tabcell/cmd/tabcell/internal/endpoints"
	"tabcell/runtime/registry"

	"github.com/spf13/cobra"
)

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
