// Package buildinfo describes the running program: its version, its file with the digest, the
// compiled code installed with it, the guests and modules that it carries, and the bill of
// materials made of these.
package buildinfo

import (
	"fmt"
	goruntime "runtime"
	"runtime/debug"

	"tabcell/assets"
	"tabcell/runtime/wheel"
)

// Info is which build this is and what it carries.
type Info struct {
	Version    string             `json:"version"`  // of the module, "(devel)" for a build from a work tree
	Revision   string             `json:"revision"` // of the source, "" when it is not known
	Modified   bool               `json:"modified"` // the source differed from the revision
	Go         string             `json:"go"`
	Platform   string             `json:"platform"`
	Python     string             `json:"python"`
	Guests     []assets.GuestInfo `json:"guests"`
	Components []assets.Component `json:"components"`
	Packages   []Package          `json:"packages,omitempty"` // in TABCELL_PACKAGES

	modules []*debug.Module // the Go modules that were linked
}

// Package is a wheel that the administrator added.
type Package struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	File    string `json:"file"`
	Sha256  string `json:"sha256"`
}

func Current() Info {
	manifest := assets.Manifest()
	v := Info{
		Version: "(devel)", Go: goruntime.Version(), Platform: goruntime.GOOS + "/" + goruntime.GOARCH,
		Python: manifest.Python, Guests: manifest.Guests, Components: manifest.Components,
	}
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	v.modules = build.Deps
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

// ReadPackages describes the wheels in a folder. It returns nothing if dir is empty.
func ReadPackages(dir string) (added []Package, err error) {
	if dir == "" {
		return nil, nil
	}
	wheels, err := wheel.ReadFolder(dir)
	if err != nil {
		return nil, fmt.Errorf("the packages in %s cannot be added:\n%w", dir, err)
	}
	for _, w := range wheels {
		added = append(added, Package{w.Name, w.Version, w.File, w.Sha256})
	}
	return added, nil
}
