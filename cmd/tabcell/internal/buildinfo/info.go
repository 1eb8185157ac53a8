// Package buildinfo describes the running program: its version, its executable file and that
// file's digest, the compiled code that was installed with it, the guests and Go modules that it
// contains, and the software bill of materials (SBOM) of all these.
package buildinfo

import (
	goruntime "runtime"
	"runtime/debug"

	"tabcell/assets"
	"tabcell/runtime"
)

// Info describes a build and the components that it contains.
type Info struct {
	Version    string             `json:"version"`  // of the module; "(devel)" for a build from a work tree
	Revision   string             `json:"revision"` // commit of the source; "" if unknown
	Modified   bool               `json:"modified"` // the source had uncommitted changes
	Go         string             `json:"go"`
	Platform   string             `json:"platform"`
	Engine     string             `json:"engine"`                   // name and version
	Patches    string             `json:"engine_patches,omitempty"` // digest of the patches on the engine
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

// FasterEngine returns advice on a faster engine than the stock one.
func FasterEngine() string {
	if goruntime.GOARCH == "amd64" {
		return "go run ./cmd/dist, in the source, builds a program that runs Python about 1.6 times faster"
	}
	return "go run ./cmd/dist, in the source, builds a program with the patched engine"
}

// Current returns the description of the running program. Packages is empty.
func Current() Info {
	manifest := assets.Manifest()
	info := Info{
		Version: "(devel)", Go: goruntime.Version(), Platform: goruntime.GOOS + "/" + goruntime.GOARCH,
		Engine: runtime.EngineName(), Patches: runtime.EnginePatches(),
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
