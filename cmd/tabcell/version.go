package main

import (
	"encoding/json"
	"fmt"
	goruntime "runtime"
	"runtime/debug"

	"tabcell/assets"

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
}

func (f *front) versionCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Tell which build this is and what it carries, with digests",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if asJSON {
				out := json.NewEncoder(f.stdout)
				out.SetIndent("", "  ")
				return out.Encode(thisVersion())
			}
			return f.printVersion(thisVersion())
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
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
	return nil
}
