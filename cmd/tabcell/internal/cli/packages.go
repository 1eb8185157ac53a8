package cli

import (
	"fmt"
	"text/tabwriter"

	"tabcell/cmd/tabcell/internal/packages"
	"tabcell/settings"

	"github.com/spf13/cobra"
)

func (a *App) packagesCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "packages",
		Short: "List the Python packages of scripts, and check wheels before they are added",
		Long: `List the Python packages that scripts can import, and check a folder of wheels before the server
gets it with TABCELL_PACKAGES.` + exitHelp,
		Example: "  tabcell packages list\n  tabcell packages check /srv/wheels",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.listPackagesCommand(), a.checkPackagesCommand())
	return cmd
}

func (a *App) listPackagesCommand() *cobra.Command {
	src := settings.Sources{Environ: a.Environ}
	asJSON := false
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the Python packages that scripts can import",
		Long: `List the Python packages that scripts can import, with the guest that has them and the licence.
The packages of core and extra are in each guest. Those of extra are pure Python, and a wheel in the
folder of TABCELL_PACKAGES replaces them. The guest of such wheels is "added".` + exitHelp,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return a.listPackages(src, asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	addSettings(cmd.Flags(), &src, "packages")
	return cmd
}

func (a *App) listPackages(src settings.Sources, asJSON bool) error {
	loaded, err := loadSettings(src)
	if err != nil {
		return err
	}
	all, err := packages.List(loaded.Settings.Cells.Packages)
	if err != nil {
		return err
	}
	if asJSON {
		return a.printJSON(all)
	}
	w := tabwriter.NewWriter(a.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tVERSION\tGUEST\tLICENCE")
	for _, d := range all {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", d.Name, d.Version, d.Guest, d.Licence)
	}
	return w.Flush()
}
