// Package packages knows the Python packages that scripts can import: those in the guests, and the
// wheels in the folder of TABCELL_PACKAGES.
package packages

import (
	"fmt"
	"slices"
	"strings"

	"tabcell/assets"
	"tabcell/runtime"
	"tabcell/runtime/wheel"
	"tabcell/runtime/wheel/requirement"
)

// Distribution is a package that the program contains.
type Distribution struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	// Guest is core (both guests have it), full, extra (both have it, and a wheel can replace it),
	// or added, for a wheel in the folder.
	Guest   string `json:"guest"`
	Licence string `json:"licence"`
	File    string `json:"file,omitempty"` // of a wheel
}

// Open reads a folder of wheels that the user named. It returns an error if the folder or the guests
// cannot be read, and nil without an error if dir is empty.
func Open(dir string) (*wheel.Folder, error) { return open(dir, "the folder of wheels") }

// OpenConfigured is Open for the folder of TABCELL_PACKAGES, which its errors name.
func OpenConfigured(dir string) (*wheel.Folder, error) {
	return open(dir, "the folder of TABCELL_PACKAGES")
}

func open(dir, subject string) (*wheel.Folder, error) {
	if dir == "" {
		return nil, nil
	}
	library, err := newLibrary()
	if err != nil {
		return nil, err
	}
	folder, err := wheel.Open(dir, library)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", subject, err)
	}
	return folder, nil
}

// BuiltIn returns the packages that the program contains, sorted by name.
func BuiltIn() ([]Distribution, error) {
	core, err := assets.Core()
	if err != nil {
		return nil, err
	}
	resources, err := core.Resources()
	if err != nil {
		return nil, err
	}
	manifest := assets.Manifest()
	guests := map[string]string{}
	for name := range resources {
		if info, ok := strings.CutSuffix(name, ".dist-info/METADATA"); ok {
			guests[distributionOf(strings.TrimPrefix(info, "f:/lib/"))] = "core"
		}
	}
	for _, g := range manifest.Guests {
		for _, name := range g.Distributions {
			guests[name] = g.Name
		}
	}
	for _, p := range manifest.Extra.Parts {
		guests[requirement.Normalize(p.Name)] = "extra"
	}
	var all []Distribution
	for _, c := range manifest.Components {
		if guest := guests[requirement.Normalize(c.Name)]; guest != "" {
			all = append(all, Distribution{Name: c.Name, Version: c.Version, Guest: guest, Licence: c.Licence})
		}
	}
	sortByName(all)
	return all, nil
}

// List returns the packages that scripts can import: the program's, and the wheels in the folder
// of TABCELL_PACKAGES, if dir is not empty.
func List(dir string) ([]Distribution, error) {
	all, err := BuiltIn()
	if err != nil {
		return nil, err
	}
	folder, err := OpenConfigured(dir)
	if err != nil || folder == nil {
		return all, err
	}
	replaced := folder.Replaced()
	all = slices.DeleteFunc(all, func(d Distribution) bool { return slices.Contains(replaced, d.Name) })
	for _, w := range folder.Used() {
		all = append(all, Distribution{Name: w.Name, Version: w.Version, Guest: "added", Licence: w.Licence, File: w.File})
	}
	sortByName(all)
	return all, nil
}

func sortByName(all []Distribution) {
	slices.SortFunc(all, func(a, b Distribution) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
}

// distributionOf returns the normalised name in the name of a .dist-info folder without the
// suffix.
func distributionOf(info string) string {
	name, _, _ := strings.Cut(info, "-")
	return requirement.Normalize(name)
}

// newLibrary describes the packages of both guests and of extra for package wheel.
func newLibrary() (wheel.Library, error) {
	all, err := BuiltIn()
	if err != nil {
		return wheel.Library{}, err
	}
	core, err := assets.Core()
	if err != nil {
		return wheel.Library{}, err
	}
	full := assets.FullOnly()
	library := wheel.Library{
		Python: assets.Manifest().Python, Metadata: readMetadata, Advice: runtime.ModuleAdvice,
		HasModule: func(name string) bool { return core.HasModule(name) || slices.Contains(full, name) },
	}
	described := describedExtra()
	for _, d := range all {
		if d.Guest == "extra" && !described[requirement.Normalize(d.Name)] {
			continue // data for another package, which is not a distribution
		}
		library.Distributions = append(library.Distributions, wheel.Distribution{Name: d.Name, Version: d.Version, Guest: d.Guest})
	}
	return library, nil
}

// describedExtra has the normalised names of the distributions in extra.
func describedExtra() map[string]bool {
	names := map[string]bool{}
	for _, p := range assets.Manifest().Extra.Parts {
		for _, entry := range p.Entries {
			if info, ok := strings.CutSuffix(entry, ".dist-info/"); ok {
				names[distributionOf(info)] = true
			}
		}
	}
	return names
}

// readMetadata returns the METADATA of a package, or nil if it has none.
func readMetadata(d wheel.Distribution) []byte {
	guest, err := assets.Full()
	if err != nil {
		return nil
	}
	load, prefix := guest.Resources, ""
	for entry, part := range guest.Parts {
		if info, ok := strings.CutSuffix(entry, ".dist-info/"); ok && distributionOf(info) == requirement.Normalize(d.Name) {
			load, prefix = part, "f:/lib/"+entry
		}
	}
	resources, err := load() // its error stops the start
	if err == nil && prefix == "" {
		prefix = findMetadata(resources, d)
	}
	return resources[prefix+"METADATA"]
}

func findMetadata(resources map[string][]byte, d wheel.Distribution) (prefix string) {
	for name := range resources {
		info, ok := strings.CutSuffix(name, ".dist-info/METADATA")
		if ok && distributionOf(strings.TrimPrefix(info, "f:/lib/")) == requirement.Normalize(d.Name) {
			return info + ".dist-info/"
		}
	}
	return ""
}
