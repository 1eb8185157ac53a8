package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"tabcell/cmd/tabcell/internal/buildinfo"
	"tabcell/cmd/tabcell/internal/packages"
	"tabcell/cmd/tabcell/internal/sbom"
	"tabcell/settings"

	"github.com/spf13/cobra"
)

func (a *App) versionCommand() *cobra.Command {
	var asJSON, asSBOM bool
	var program string
	guest := ""
	src := settings.Sources{Environ: a.Environ}
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version of the program and of everything that it contains",
		Long: `Print the version of the program, of its WebAssembly engine, of Python, and of the libraries in the
guests, with licences and digests, and the wheels in the folder of TABCELL_PACKAGES.` + exitHelp,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkGuest(guest, asSBOM); err != nil {
				return &usageError{err, cmd.CommandPath()}
			}
			v, err := describedProgram(program)
			if err != nil {
				return err
			}
			if v.Packages, err = addedPackages(src); err != nil {
				return err
			}
			switch {
			case asSBOM:
				return sbom.Write(a.Stdout, v, guest)
			case asJSON:
				return a.printJSON(v)
			}
			return a.printVersion(v)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().BoolVar(&asSBOM, "sbom", false, "print a bill of materials in CycloneDX's JSON format")
	cmd.Flags().StringVar(&program, "program", "", "describe this `file`, which was built from the same source for another platform")
	cmd.Flag("program").Hidden = true // for the bills of materials of a release
	cmd.Flags().StringVar(&guest, "guest", "", "restrict --sbom to one `guest`, core or full")
	cmd.MarkFlagsMutuallyExclusive("json", "sbom")
	addSettings(cmd.Flags(), &src, "packages")
	return cmd
}

// describedProgram returns the description of a file, or of the running program if file is empty.
func describedProgram(file string) (buildinfo.Info, error) {
	if file == "" {
		return buildinfo.Current(), nil
	}
	return buildinfo.ReadFile(file)
}

// checkGuest returns an error if the flag --guest of the version command cannot be used.
func checkGuest(guest string, asSBOM bool) error {
	switch {
	case guest != "" && !asSBOM:
		return errors.New("--guest restricts the bill of materials; use it with --sbom")
	case guest != "" && !slices.Contains(sbom.Guests, guest):
		return fmt.Errorf("--guest %s: there are the guests %s", guest, strings.Join(sbom.Guests, " and "))
	}
	return nil
}

// addedPackages returns the wheels that scripts can import from the folder of TABCELL_PACKAGES.
func addedPackages(src settings.Sources) (all []buildinfo.Package, err error) {
	loaded, err := loadSettings(src)
	if err != nil {
		return nil, err
	}
	folder, err := packages.OpenConfigured(loaded.Settings.Cells.Packages)
	if err != nil || folder == nil {
		return nil, err
	}
	for _, w := range folder.Used() {
		all = append(all, buildinfo.Package{Name: w.Name, Version: w.Version, File: w.File, Sha256: w.Sha256})
	}
	return all, nil
}

// addVersionFlag makes --version print the first line of the version command.
func (a *App) addVersionFlag(root *cobra.Command) {
	run, version := root.RunE, false
	root.Flags().BoolVar(&version, "version", false, "print the version of the program")
	root.RunE = func(cmd *cobra.Command, args []string) error {
		if version {
			return a.printProgram(buildinfo.Current())
		}
		return run(cmd, args)
	}
}

// printProgram prints the version of the program itself.
func (a *App) printProgram(v buildinfo.Info) error {
	_, err := fmt.Fprintf(a.Stdout, "tabcell %s %s, %s\n", v.Version, v.Platform, v.Go)
	return err
}

// printVersion prints v for people.
func (a *App) printVersion(v buildinfo.Info) error {
	if err := a.printProgram(v); err != nil {
		return err
	}
	if v.Revision != "" {
		fmt.Fprintf(a.Stdout, "source  %s%s\n", v.Revision, map[bool]string{true: ", modified"}[v.Modified])
	}
	fmt.Fprintf(a.Stdout, "engine  %s\n", v.Engine)
	fmt.Fprintf(a.Stdout, "python  %s\n", v.Python)
	for _, g := range v.Guests {
		fmt.Fprintf(a.Stdout, "guest   %s, %d bytes, sha256 %s\n", g.Name, g.Wasm.RawSize, g.Wasm.RawSha256)
	}
	fmt.Fprintf(a.Stdout, "extra   packages of both guests, %d bytes, sha256 %s\n", v.Extra.Resources.RawSize, v.Extra.Resources.RawSha256)
	for _, c := range v.Components {
		fmt.Fprintf(a.Stdout, "  %-30s %-26s %s\n", c.Name, c.Version, c.Licence)
	}
	for _, p := range v.Packages {
		fmt.Fprintf(a.Stdout, "added   %s %s, %s, sha256 %s\n", p.Name, p.Version, p.File, p.Sha256)
	}
	return nil
}
