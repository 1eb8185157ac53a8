package cli

import (
	"context"
	"errors"
	"fmt"

	"tabcell/cmd/tabcell/internal/buildinfo"
	"tabcell/cmd/tabcell/internal/endpoints"

	"github.com/spf13/cobra"
)

const exportLong = `Write the named endpoints, or all with --all, to a new file, or to standard output if the file is "-".
The file has every version that is kept, the history and the metadata, so that import makes the same
endpoints on another machine. Endpoints that do not load are written like the others.

Without --url, the command reads the configured models folder, also while a server has it open. With
--url, the server sends the endpoints to an account with the role admin, because the code of models
may be a secret. The file has mode 600; protect copies of it.

Endpoints that are damaged on the disk are named and left out, and the exit code is 1.`

func (a *App) exportCommand(o *endpointOptions) *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use: "export FILE.tar|- [--all|NAME...]", Short: "Write endpoints with their history to a file that import reads",
		Long:    exportLong,
		Example: "  tabcell endpoint export --all backup.tar\n  tabcell endpoint export --all backup.tar --url https://tabpy.example.com --user ops",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if all == (len(args) > 1) {
				return &usageError{errors.New("name the endpoints to export, or use --all"), cmd.CommandPath()}
			}
			return a.withStore(o, false, func(_ context.Context, s endpoints.Store) error { return a.export(s, args[0], args[1:]) })
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "export all endpoints")
	return cmd
}

// export writes endpoints to a new file, or to stdout if path is "-".
func (a *App) export(s endpoints.Store, path string, names []string) (err error) {
	var report endpoints.ExportReport
	if path == "-" {
		report, err = endpoints.Export(s, a.Stdout, names, buildinfo.Current().Version)
	} else {
		report, err = endpoints.ExportFile(s, path, names, buildinfo.Current().Version)
	}
	if err != nil {
		return err
	}
	for _, problem := range report.Problems {
		fmt.Fprintf(a.Stderr, "tabcell: %v\n", problem)
	}
	fmt.Fprintf(a.Stderr, "%d endpoints were written to %s\n", report.Count, path)
	if len(report.Problems) > 0 {
		return fmt.Errorf("the export is not complete: %d problems", len(report.Problems))
	}
	return nil
}
