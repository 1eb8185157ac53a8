package main

import (
	"fmt"
	goruntime "runtime"
	"runtime/debug"

	"tabcell/assets"
	"tabcell/runtime/wheel"
	"tabcell/settings"

	"github.com/spf13/cobra"
)

// versionInfo is which build this is and what it carries.
type versionInfo struct {
	Version    string             `json:"version"`  // of the module, "(devel)" for a build from a work tree
	Revision   string             `json:"revision"` // of the source, "" when it is not known
	Modified   bool               `json:"modified"` // the source differed from the revision
	Go         string             `json:"go"`
	Platform   string             `json:"platform"`
	Python     string             `json:"python"`
	Guests     []assets.GuestInfo `json:"guests"`
	Components []assets.Component `json:"components"`
	Packages   []addedPackage     `json:"packages,omitempty"` // in TABCELL_PACKAGES
}

// addedPackage is a wheel that the administrator added.
type addedPackage struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	File    string `json:"file"`
	Sha256  string `json:"sha256"`
}

func (f *front) versionCommand() *cobra.Command {
	var asJSON, asSBOM bool
	src := settings.Sources{Environ: f.environ}
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Tell which build this is and what it carries, with digests",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			v := thisVersion()
			var err error
			if v.Packages, err = addedPackages(src); err != nil {
				return err
			}
			switch {
			case asSBOM:
				return writeSBOM(f.stdout, v)
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

func thisVersion() versionInfo {
	manifest := assets.Manifest()
	v := versionInfo{
		Version: "(devel)", Go: goruntime.Version(), Platform: goruntime.GOOS + "/" + goruntime.GOARCH,
		Python: manifest.Python, Guests: manifest.Guests, Components: manifest.Components,
	}
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	if build.Main.Version != "" {
		v.Version = build.Main.Version
	}
	for _, s := range build.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Revision = s.Value
		case "vcs.modified":
			v.Modified = s.Value == "true"
		}
	}
	return v
}

// addedPackages reads the folder that the settings name.
func addedPackages(src settings.Sources) (added []addedPackage, err error) {
	loaded, err := loadSettings(src)
	if err != nil {
		return nil, err
	}
	dir := loaded.Settings.Cells.Packages
	if dir == "" {
		return nil, nil
	}
	wheels, err := wheel.ReadFolder(dir)
	if err != nil {
		return nil, fmt.Errorf("the packages in %s cannot be added:\n%w", dir, err)
	}
	for _, w := range wheels {
		added = append(added, addedPackage{w.Name, w.Version, w.File, w.Sha256})
	}
	return added, nil
}

func (f *front) printVersion(v versionInfo) error {
	fmt.Fprintf(f.stdout, "tabcell %s %s, %s\n", v.Version, v.Platform, v.Go)
	if v.Revision != "" {
		fmt.Fprintf(f.stdout, "source  %s%s\n", v.Revision, map[bool]string{true: ", modified"}[v.Modified])
	}
	fmt.Fprintf(f.stdout, "python  %s\n", v.Python)
	for _, g := range v.Guests {
		fmt.Fprintf(f.stdout, "guest   %s, %d bytes, sha256 %s\n", g.Name, g.Wasm.RawSize, g.Wasm.RawSha256)
	}
	for _, c := range v.Components {
		fmt.Fprintf(f.stdout, "  %-18s %-14s %s\n", c.Name, c.Version, c.Licence)
	}
	for _, p := range v.Packages {
		fmt.Fprintf(f.stdout, "added   %s %s, %s, sha256 %s\n", p.Name, p.Version, p.File, p.Sha256)
	}
	return nil
}
