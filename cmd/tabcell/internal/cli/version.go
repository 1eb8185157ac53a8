package cli

import (
	"fmt"

	"tabcell/cmd/tabcell/internal/buildinfo"
	"tabcell/settings"

	"github.com/spf13/cobra"
)

func (f *App) versionCommand() *cobra.Command {
	var asJSON, asSBOM bool
	src := settings.Sources{Environ: f.Environ}
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Tell which build this is and what it carries, with digests",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			v := buildinfo.Current()
			var err error
			if v.Packages, err = addedPackages(src); err != nil {
				return err
			}
			switch {
			case asSBOM:
				return buildinfo.WriteSBOM(f.Stdout, v)
			case asJSON:
				return f.printJSON(v)
			}
			return f.printVersion(v)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().BoolVar(&asSBOM, "sbom", false, "print a CycloneDX bill of materials (JSON)")
	cmd.MarkFlagsMutuallyExclusive("json", "sbom")
	addSettings(cmd.Flags(), &src, "packages")
	return cmd
}

// addedPackages reads the folder that the settings name.
func addedPackages(src settings.Sources) ([]buildinfo.Package, error) {
	loaded, err := loadSettings(src)
	if err != nil {
		return nil, err
	}
	return buildinfo.ReadPackages(loaded.Settings.Cells.Packages)
}

func (f *App) printVersion(v buildinfo.Info) error {
	fmt.Fprintf(f.Stdout, "tabcell %s %s, %s\n", v.Version, v.Platform, v.Go)
	if v.Revision != "" {
		fmt.Fprintf(f.Stdout, "source  %s%s\n", v.Revision, map[bool]string{true: ", modified"}[v.Modified])
	}
	fmt.Fprintf(f.Stdout, "python  %s\n", v.Python)
	for _, g := range v.Guests {
		fmt.Fprintf(f.Stdout, "guest   %s, %d bytes, sha256 %s\n", g.Name, g.Wasm.RawSize, g.Wasm.RawSha256)
	}
	for _, c := range v.Components {
		fmt.Fprintf(f.Stdout, "  %-18s %-14s %s\n", c.Name, c.Version, c.Licence)
	}
	for _, p := range v.Packages {
		fmt.Fprintf(f.Stdout, "added   %s %s, %s, sha256 %s\n", p.Name, p.Version, p.File, p.Sha256)
	}
	return nil
}
