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
		Use: "export FILE.tar|- [NAME...]", Short: "Write endpoints to a file that import reads",
		Long: `Write the named endpoints, or all, with their current code to a new file, or to standard output if
the file is "-". The command reads the configured models folder, also while a server has it open.
The file contains the code of the endpoints, so protect it accordingly.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if o.url != "" {
				return endpoints.ErrNoExport
			}
			return a.withStore(o, false, func(_ context.Context, s endpoints.Store) error { return a.export(s, args[0], args[1:]) })
		},
	}
}

// export writes endpoints to a new file, or to stdout if path is "-".
func (a *App) export(s endpoints.Store, path string, names []string) error {
	if path == "-" {
		_, err := s.Export(a.Stdout, names)
		return err
	}
	count, err := endpoints.ExportFile(s, path, names)
	if err == nil {
		fmt.Fprintf(a.Stderr, "%d endpoints were written to %s\n", count, path)
	}
	return err
}

func (a *App) importCommand(o *endpointOptions) *cobra.Command {
	cmd := &cobra.Command{
		Use: "import FOLDER|FILE.tar|-", Short: "Deploy the endpoints of TabPy's state folder or of an exported file",
		Long: `Deploy the endpoints of a file that export wrote, of standard input if the file is "-", or of TabPy's
state folder (TABPY_STATE_PATH), which contains state.ini and the archives in query_objects. The
folder is only read. Existing endpoints get a new version, unless --keep is set. Endpoints that
cannot be deployed are reported; the others are deployed nevertheless, and the exit code is 1.`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.withStore(o, true, func(ctx context.Context, s endpoints.Store) error { return a.importAll(ctx, o, s, args[0]) })
		},
	}
	cmd.Flags().BoolVar(&o.keep, "keep", false, "do not change existing endpoints")
	return cmd
}

// importAll deploys the endpoints of path. It reports those that cannot be deployed, and continues.
func (a *App) importAll(ctx context.Context, o *endpointOptions, s endpoints.Store, path string) error {
	existing, err := s.List()
	if err != nil {
		return err
	}
	exists := map[string]bool{}
	for _, e := range existing {
		exists[e.Name] = true
	}
	failed := 0
	each := func(d registry.Deployment) error {
		if d.Replace = true; o.keep && exists[d.Name] {
			fmt.Fprintf(a.Stdout, "%s exists already and was not changed\n", d.Name)
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

// readImport calls each for the endpoints of a file, a folder, or stdin if path is "-".
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
