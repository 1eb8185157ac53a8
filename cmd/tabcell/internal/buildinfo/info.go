// Package buildinfo describes the running program: its version, its executable file and that file's
// digest, the compiled code that was installed with it, and the guests and Go modules that it
// contains.
package buildinfo

import (
	"debug/buildinfo"
	"fmt"
	goruntime "runtime"
	"runtime/debug"
	"strings"

	"tabcell/assets"
	"tabcell/runtime"
)

// The source of the program, which cmd/dist sets with the linker's flag -X. They are empty in
// programs that go build and go run build.
var version, revision, modified string

// Info describes a build and the components that it contains.
type Info struct {
	Version    string             `json:"version"`  // semantic, without v; "(devel)" if it is unknown
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

// Modules returns the Go modules that are linked into the program. A test program has no list of
// them.
func (i Info) Modules() []*debug.Module { return i.modules }

// WithModules returns the description of a program with these modules.
func (i Info) WithModules(modules []*debug.Module) Info {
	i.modules = modules
	return i
}

// StockEngineAdvice returns the advice for programs with the stock engine.
func StockEngineAdvice() string {
	const advice = "go run ./cmd/dist, in the source, builds a program without the known defects of this engine"
	if goruntime.GOARCH == "amd64" {
		return advice + ", which also runs Python about 1.9 times faster"
	}
	return advice
}

// AddressSpaceAdvice is for processes with a limit of the address space (runtime.AddressSpaceLimited).
const AddressSpaceAdvice = "scripts run about a sixth slower, and compiled code that comes with the program is not used; " +
	"remove the limit (ulimit -v unlimited, systemd: LimitAS=infinity), which does not limit memory"

// Current returns the description of the running program. Packages is empty.
func Current() Info {
	manifest := assets.Manifest()
	info := Info{
		Version: "(devel)", Go: goruntime.Version(), Platform: goruntime.GOOS + "/" + goruntime.GOARCH,
		Engine: runtime.EngineName(), Patches: runtime.EnginePatches(),
		Python: manifest.Python, Guests: manifest.Guests, Extra: manifest.Extra, Components: manifest.Components,
	}
	if build, ok := debug.ReadBuildInfo(); ok {
		info.modules = build.Deps
		info.readStamp(build)
	}
	if version != "" {
		info.Version, info.Revision, info.Modified = version, revision, modified == "true"
	}
	return info
}

// ReadFile returns the description of a program that was built from the same source as this one,
// perhaps for another platform. Its platform, Go version and modules are those of the file, the
// rest is that of the running program.
func ReadFile(path string) (Info, error) {
	build, err := buildinfo.ReadFile(path)
	if err != nil {
		return Info{}, fmt.Errorf("%s: %w", path, err)
	}
	if build.Path != "tabcell/cmd/tabcell" {
		return Info{}, fmt.Errorf("%s is the program %s, not tabcell", path, build.Path)
	}
	info := Current()
	info.Go, info.modules = build.GoVersion, build.Deps
	settings := map[string]string{}
	for _, s := range build.Settings {
		settings[s.Key] = s.Value
	}
	info.Platform = settings["GOOS"] + "/" + settings["GOARCH"]
	return info, nil
}

// readStamp reads the version and the revision that the go command wrote into the program.
func (i *Info) readStamp(build *debug.BuildInfo) {
	if build.Main.Version != "" {
		i.Version = strings.TrimPrefix(build.Main.Version, "v")
	}
	for _, s := range build.Settings {
		switch s.Key {
		case "vcs.revision":
			i.Revision = s.Value
		case "vcs.modified":
			i.Modified = s.Value == "true"
		}
	}
}
