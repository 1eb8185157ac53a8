package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"tabcell/runtime/registry"
	"tabcell/settings"

	"github.com/spf13/cobra"
)

func (f *front) exportCommand(o *endpointOptions) *cobra.Command {
	return &cobra.Command{
		Use: "export FILE.tar|- [NAME...]", Short: "Write endpoints, with their current code, to a file that import reads",
		Long: "Write endpoints to a file, all of them or those that are named, with their current code. It reads the models' folder of the configuration, also while\n" +
			"a server has it open. Whoever has the file has the code.",
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if o.url != "" {
				return errors.New("export reads the models' folder itself: run it where the server runs, without --url")
			}
			return f.withShelf(o, false, func(_ context.Context, s shelf) error { return f.export(s.(*folder).kept, args[0], args[1:]) })
		},
	}
}

// export writes a new file, which is removed again when that fails.
func (f *front) export(kept *registry.Registry, path string, names []string) (err error) {
	if len(names) == 0 {
		for _, e := range kept.List() {
			names = append(names, e.Name)
		}
	}
	if path == "-" {
		return kept.Export(f.stdout, names)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(kept.Export(file, names), file.Sync(), file.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	fmt.Fprintf(f.stderr, "%d endpoints are in %s\n", len(names), path)
	return nil
}

func (f *front) importCommand(o *endpointOptions) *cobra.Command {
	cmd := &cobra.Command{
		Use: "import FOLDER|FILE.tar|-", Short: "Deploy what TabPy's state folder or an exported file has",
		Long: `Deploy what is in a file that export wrote, or in TabPy's state folder (TABPY_STATE_PATH): state.ini and the archives in query_objects. The folder is
only read. Endpoints that exist get a new version, unless --keep is given. What cannot be deployed is told, and the rest is deployed.`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return f.withShelf(o, true, func(ctx context.Context, s shelf) error { return f.importAll(ctx, o, s, args[0]) })
		},
	}
	cmd.Flags().BoolVar(&o.keep, "keep", false, "leave endpoints that exist as they are")
	return cmd
}

// importAll deploys everything that it can.
func (f *front) importAll(ctx context.Context, o *endpointOptions, s shelf, path string) error {
	there, err := s.list()
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
			fmt.Fprintf(f.stdout, "%s exists already and is left as it is\n", d.Name)
			return nil
		}
		if err := f.deploy(ctx, s, d); err != nil {
			failed++
			fmt.Fprintf(f.stderr, "tabcell: %v\n", err)
		}
		return context.Cause(ctx)
	}
	if err := f.readImport(o, path, each); err != nil {
		return err
	}
	if failed > 0 {
		return fmt.Errorf("%d endpoints could not be imported", failed)
	}
	return nil
}

// readImport hands what a folder or file has to each.
func (f *front) readImport(o *endpointOptions, path string, each func(registry.Deployment) error) error {
	most := int64(settings.Defaults().Models.MaxMB) << 20
	if loaded, err := settings.Load(o.src); err == nil {
		most = int64(loaded.Settings.Models.MaxMB) << 20
	}
	if path == "-" {
		return registry.ReadExport(f.stdin, most, each)
	}
	if info, err := os.Stat(path); err != nil {
		return err
	} else if info.IsDir() {
		return importTabPy(path, most, each, func(text string) { fmt.Fprintf(f.stderr, "tabcell: %s\n", text) })
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	return registry.ReadExport(file, most, each)
}
