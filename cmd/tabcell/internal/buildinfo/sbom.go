package buildinfo

import (
	"io"
	"runtime/debug"
	"slices"
	"strings"

	"tabcell/assets"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

// WriteSBOM writes a CycloneDX bill of materials: what the guests consist of, from the MANIFEST, and the Go modules in this program. Nothing in it
// depends on the time or the machine.
func WriteSBOM(w io.Writer, v Info) error {
	bom := cdx.NewBOM()
	bom.Metadata = &cdx.Metadata{Component: &cdx.Component{
		Type: cdx.ComponentTypeApplication, BOMRef: "tabcell", Name: "tabcell", Version: v.Version, Licenses: licence("Apache-2.0"),
	}}
	components := append(guestFiles(v.Guests), guestComponents(v.Components)...)
	components = append(append(components, added(v.Packages)...), goModules(v.modules)...)
	bom.Components = &components
	return cdx.NewBOMEncoder(w, cdx.BOMFileFormatJSON).SetPretty(true).Encode(bom)
}

// guestFiles are the guests themselves.
func guestFiles(guests []assets.GuestInfo) (files []cdx.Component) {
	for _, g := range guests {
		for _, o := range []assets.Output{g.Wasm, g.Resources} {
			files = append(files, cdx.Component{
				Type: cdx.ComponentTypeFile, BOMRef: "guest:" + o.File, Name: o.File,
				Hashes: &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA256, Value: o.Sha256}},
			})
		}
	}
	return files
}

func guestComponents(from []assets.Component) (components []cdx.Component) {
	for _, c := range from {
		component := cdx.Component{
			Type: cdx.ComponentTypeLibrary, BOMRef: "guest:" + c.Name + "@" + c.Version, Name: c.Name, Version: c.Version, Licenses: licence(c.Licence),
		}
		if c.Sha256 != "" { // of the source it was built from
			component.Hashes = &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA256, Value: c.Sha256}}
		}
		components = append(components, component)
	}
	return components
}

// added are the administrator's own packages.
func added(packages []Package) (components []cdx.Component) {
	for _, p := range packages {
		components = append(components, cdx.Component{
			Type: cdx.ComponentTypeLibrary, BOMRef: "added:" + p.File, Name: p.Name, Version: p.Version,
			Hashes: &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA256, Value: p.Sha256}},
		})
	}
	return components
}

// licence is an SPDX expression.
func licence(expression string) *cdx.Licenses {
	if expression == "" {
		return nil
	}
	return &cdx.Licenses{{Expression: expression}}
}

// goModules describes modules with their versions and package URLs.
func goModules(modules []*debug.Module) (components []cdx.Component) {
	for _, m := range modules {
		url := "pkg:golang/" + m.Path + "@" + m.Version
		components = append(components, cdx.Component{Type: cdx.ComponentTypeLibrary, BOMRef: url, Name: m.Path, Version: m.Version, PackageURL: url})
	}
	slices.SortFunc(components, func(a, b cdx.Component) int { return strings.Compare(a.Name, b.Name) })
	return components
}
