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
		Long: `Deploy a function as a new endpoint, or as a new version of an existing one.

FILE.py is a Python module that contains the function. The module runs once, when it is loaded, and
every call finds the values that it computed. Any other file must be an archive as TabPy's client
writes it (pickle_archive). A model that does not load is not deployed.`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			d, err := o.deployment(args[0])
			if err != nil {
				return err
			}
			return a.withStore(o, true, func(ctx context.Context, s endpoints.Store) error { return a.deploy(ctx, s, d) })
		},
	}
	cmd.Flags().StringVar(&o.name, "name", "", "`name` of the endpoint (default: the name of the function, or else of the file)")
	cmd.Flags().StringVar(&o.function, "function", "", "`function` to call (default: the function with the name of the endpoint, or else the only one)")
	cmd.Flags().StringVar(&o.description, "description", "", "description of the endpoint, one `line`")
	cmd.Flags().StringVar(&o.schema, "schema", "", "JSON `file` that describes the arguments and the result")
	cmd.Flags().StringSliceVar(&o.requires, "requires", nil, "comma-separated `modules` that the function needs")
	cmd.Flags().BoolVar(&o.public, "public", false, "show the endpoint to all users in Tableau's function explorer")
	return cmd
}

// deployment returns the deployment of the file, as the flags describe it.
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
		d.Schema, err = readSchema(o.schema)
	}
	if nameErr := registry.CheckName(d.Name); nameErr != nil {
		err = errors.Join(err, fmt.Errorf("%q cannot be the name of an endpoint; choose one with --name: %w", d.Name, nameErr))
	}
	return d, err
}

// readSchema returns the text of a JSON file.
func readSchema(path string) (json.RawMessage, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("the schema cannot be read: %w", err)
	}
	if err := json.Unmarshal(text, new(any)); err != nil {
		return nil, fmt.Errorf("%s is not valid JSON: %w", path, err)
	}
	return text, nil
}

// deploy deploys one endpoint and prints its version.
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
		Use: "rollback NAME", Short: "Deploy the code of an old version again, as a new version", Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.withStore(o, true, func(_ context.Context, s endpoints.Store) error {
				version, err := s.Rollback(args[0], o.to)
				if err == nil {
					_, err = fmt.Fprintf(a.Stdout, "%s was rolled back (version %d)\n", args[0], version)
				}
				return err
			})
		},
	}
	cmd.Flags().IntVar(&o.to, "to", 0, "`version` to return to (default: the previous one)")
	return cmd
}
