package buildinfo

import (
	"io"
	"runtime/debug"
	"slices"
	"strings"

	"tabcell/assets"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

// WriteSBOM writes a CycloneDX bill of materials in JSON. It lists the guests and their components,
// which MANIFEST names, the administrator's packages, and the Go modules in the program. The output
// depends neither on the time nor on the machine.
func WriteSBOM(w io.Writer, info Info) error {
	bom := cdx.NewBOM()
	bom.Metadata = &cdx.Metadata{Component: &cdx.Component{
		Type: cdx.ComponentTypeApplication, BOMRef: "tabcell", Name: "tabcell", Version: info.Version,
		Licenses: licence("Apache-2.0"),
	}}
	components := slices.Concat(
		guestFiles(info.Guests, info.Extra), guestComponents(info.Components), packages(info.Packages), goModules(info.modules, info.Patches))
	bom.Components = &components
	return cdx.NewBOMEncoder(w, cdx.BOMFileFormatJSON).SetPretty(true).Encode(bom)
}

// guestFiles returns one component for each file of the guests.
func guestFiles(guests []assets.GuestInfo, extra assets.ExtraInfo) (files []cdx.Component) {
	outputs := []assets.Output{extra.Resources}
	for _, g := range guests {
		outputs = append(outputs, g.Wasm, g.Resources)
	}
	for _, o := range outputs {
		files = append(files, cdx.Component{
			Type: cdx.ComponentTypeFile, BOMRef: "guest:" + o.File, Name: o.File,
			Hashes: &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA256, Value: o.Sha256}},
		})
	}
	return files
}

// guestComponents returns the libraries that the guests were built from.
func guestComponents(from []assets.Component) (components []cdx.Component) {
	for _, c := range from {
		component := cdx.Component{
			Type: cdx.ComponentTypeLibrary, BOMRef: "guest:" + c.Name + "@" + c.Version, Name: c.Name, Version: c.Version,
			Licenses: licence(c.Licence),
		}
		if c.Sha256 != "" { // the digest of the source archive
			component.Hashes = &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA256, Value: c.Sha256}}
		}
		components = append(components, component)
	}
	return components
}

// packages returns one component for each package that the administrator added.
func packages(from []Package) (components []cdx.Component) {
	for _, p := range from {
		components = append(components, cdx.Component{
			Type: cdx.ComponentTypeLibrary, BOMRef: "added:" + p.File, Name: p.Name, Version: p.Version,
			Hashes: &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA256, Value: p.Sha256}},
		})
	}
	return components
}

// licence converts an SPDX expression. It returns nil if the expression is empty.
func licence(expression string) *cdx.Licenses {
	if expression == "" {
		return nil
	}
	return &cdx.Licenses{{Expression: expression}}
}

// engineModule is the Go module that patches may have changed.
const engineModule = "github.com/tetratelabs/wazero"

// goModules returns one component for each Go module, with its version and package URL, by name. The
// argument patches is the digest of the patches on the engine, or "".
func goModules(modules []*debug.Module, patches string) (components []cdx.Component) {
	for _, m := range modules {
		url := "pkg:golang/" + m.Path + "@" + m.Version
		component := cdx.Component{
			Type: cdx.ComponentTypeLibrary, BOMRef: url, Name: m.Path, Version: m.Version, PackageURL: url,
		}
		if m.Path == engineModule && patches != "" {
			component.Pedigree = &cdx.Pedigree{Notes: "changed by tabcell's patches in runtime/engine/patches, whose digest is " + patches}
		}
		components = append(components, component)
	}
	slices.SortFunc(components, func(a, b cdx.Component) int { return strings.Compare(a.Name, b.Name) })
	return components
}
