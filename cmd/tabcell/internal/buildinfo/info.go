// Package buildinfo describes the running program: its version, its executable file and that
// file's digest, the compiled code that was installed with it, the guests and Go modules that it
// contains, and the software bill of materials (SBOM) of all these.
package buildinfo

import (
	goruntime "runtime"
	"runtime/debug"

	"tabcell/assets"
)

// Info describes a build and the components that it contains.
type Info struct {
	Version    string             `json:"version"`  // of the module; "(devel)" for a build from a work tree
	Revision   string             `json:"revision"` // commit of the source; "" if unknown
	Modified   bool               `json:"modified"` // the source had uncommitted changes
	Go         string             `json:"go"`
	Platform   string             `json:"platform"`
	Python     string             `json:"python"`
	Guests     []assets.GuestInfo `json:"guests"`
	Extra      assets.ExtraInfo   `json:"extra"`
	Components []assets.Component `json:"components"`
	Packages   []Package          `json:"packages,omitempty"` // from TABCELL_PACKAGES

	modules []*debug.Module // Go modules linked into the program
}

// Package describes a wheel that the administrator added to the guest.
type Package struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	File    string `json:"file"`
	Sha256  string `json:"sha256"`
}

// Current returns the description of the running program. Packages is empty.
func Current() Info {
	manifest := assets.Manifest()
	info := Info{
		Version: "(devel)", Go: goruntime.Version(), Platform: goruntime.GOOS + "/" + goruntime.GOARCH,
		Python: manifest.Python, Guests: manifest.Guests, Extra: manifest.Extra, Components: manifest.Components,
	}
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return info
	}
	info.modules = build.Deps
	if build.Main.Version != "" {
		info.Version = build.Main.Version
	}
	for _, s := range build.Settings {
		switch s.Key {
		case "vcs.revision":
			info.Revision = s.Value
		case "vcs.modified":
			info.Modified = s.Value == "true"
		}
	}
	return info
}
