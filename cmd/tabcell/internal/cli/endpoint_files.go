package cli

import (
	"context"
	"fmt"

	"tabcell/cmd/tabcell/internal/endpoints"
	"tabcell/runtime/registry"
	"tabcell/settings"

	"github.com/spf13/cobra"
)

func (a *App) exportCommand(o *endpointOptions) *cobra.Command {
	return &cobra.Command{
		Use: "export FILE.tar|- [NAME...]", Short: "Write endpoints, with their current code, to a file that import reads",
		Long: "Write endpoints to a file, all of them or those that are named, with their current code. It reads the models' folder of the configuration, also while\n" +
			"a server has it open. Whoever has the file has the code.",
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if o.url != "" {
				return endpoints.ErrNoExport
			}
			return a.withStore(o, false, func(_ context.Context, s endpoints.Store) error { return a.export(s, args[0], args[1:]) })
		},
	}
}

// export writes to a new file, or to stdout if path is "-".
func (a *App) export(s endpoints.Store, path string, names []string) error {
	if path == "-" {
		_, err := s.Export(a.Stdout, names)
		return err
	}
	count, err := endpoints.ExportFile(s, path, names)
	if err == nil {
		fmt.Fprintf(a.Stderr, "%d endpoints are in %s\n", count, path)
	}
	return err
}

func (a *App) importCommand(o *endpointOptions) *cobra.Command {
	cmd := &cobra.Command{
		Use: "import FOLDER|FILE.tar|-", Short: "Deploy what TabPy's state folder or an exported file has",
		Long: `Deploy what is in a file that export wrote, or in TabPy's state folder (TABPY_STATE_PATH): state.ini and the archives in query_objects. The folder is
only read. Endpoints that exist get a new version, unless --keep is given. What cannot be deployed is told, and the rest is deployed.`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.withStore(o, true, func(ctx context.Context, s endpoints.Store) error { return a.importAll(ctx, o, s, args[0]) })
		},
	}
	cmd.Flags().BoolVar(&o.keep, "keep", false, "leave endpoints that exist as they are")
	return cmd
}

// importAll deploys everything that it can.
func (a *App) importAll(ctx context.Context, o *endpointOptions, s endpoints.Store, path string) error {
	there, err := s.List()
	if err != nil {
		return err
	}
	exists := map[string]bool{}
	for _, e := range there {
		exists[e.Name] = true
	}
	failed := 0
	each := func(d registry.Deployment) error {
		if d.Replace = true; o.keep && exists[d.Name] {
			fmt.Fprintf(a.Stdout, "%s exists already and is left as it is\n", d.Name)
			return nil
		}
		if err := a.deploy(ctx, s, d); err != nil {
			failed++
			fmt.Fprintf(a.Stderr, "tabcell: %v\n", err)
		}
		return context.Cause(ctx)
	}
	if err := a.readImport(o, path, each); err != nil {
		return err
	}
	if failed > 0 {
		return fmt.Errorf("%d endpoints could not be imported", failed)
	}
	return nil
}

// readImport calls each for the endpoints of a file, a folder or stdin.
func (a *App) readImport(o *endpointOptions, path string, each func(registry.Deployment) error) error {
	maxBytes := int64(settings.Defaults().Models.MaxMB) << 20
	if loaded, err := settings.Load(o.src); err == nil {
		maxBytes = int64(loaded.Settings.Models.MaxMB) << 20
	}
	if path == "-" {
		return registry.ReadExport(a.Stdin, maxBytes, each)
	}
	return endpoints.ReadImport(path, maxBytes, each, func(text string) { fmt.Fprintf(a.Stderr, "tabcell: %s\n", text) })
}
