// Package sbom writes the software bill of materials of the program, in CycloneDX's JSON format.
//
// It has the guests and the sources that they were built from, which assets/MANIFEST names, the
// parts that those sources contain, the Go modules and the standard library, the console's
// JavaScript libraries, and the administrator's packages: each with a package URL, a CPE name, its licence and digests.
// Components that tabcell changes have its patches as their pedigree. The graph of dependencies
// leads from the program to the guests and from these to their components.
//
// The facts that neither MANIFEST nor the program has are in the tables of facts.go, bundled.go and
// modules.go, which tests compare with assets/build/versions.lock, NOTICE and go.mod. The list of
// patches is patches.json, which "go test -update" writes.
package sbom

import (
	"io"
	"slices"
	"strings"

	"tabcell/assets"
	"tabcell/cmd/tabcell/internal/buildinfo"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

// version is the version of CycloneDX's format. Version 1.7 is not read by many tools yet.
const version = cdx.SpecVersion1_6

// Guests has the values that restrict a bill of materials to one guest.
var Guests = []string{"core", "full"}

const programRef = "tabcell"

// Write writes the bill of materials. If guest is not empty, it is one of Guests, and the parts
// that only the other guest has are left out. The output depends neither on the time nor on the
// machine.
func Write(w io.Writer, info buildinfo.Info, guest string) error {
	b := &bill{info: info, edges: map[string][]string{}}
	b.addGuests(guest)
	b.addProgram()
	if err := b.addConsole(); err != nil {
		return err
	}
	bom := cdx.NewBOM()
	bom.Metadata = &cdx.Metadata{Component: programComponent(info)}
	markCPE(bom.Metadata.Component)
	for i := range b.components {
		markCPE(&b.components[i])
	}
	bom.Components, bom.Dependencies = &b.components, b.dependencies()
	return cdx.NewBOMEncoder(w, cdx.BOMFileFormatJSON).SetPretty(true).EncodeVersion(bom, version)
}

// bill collects the components and the edges of the graph.
type bill struct {
	info       buildinfo.Info
	components []cdx.Component
	edges      map[string][]string // references that a component depends on, by its reference
}

// add adds a component that the component with the reference parent depends on.
func (b *bill) add(parent string, c cdx.Component) {
	b.components = append(b.components, c)
	b.edges[parent] = append(b.edges[parent], c.BOMRef)
}

// dependencies returns the graph, with an entry for each component.
func (b *bill) dependencies() *[]cdx.Dependency {
	refs := []string{programRef}
	for _, c := range b.components {
		refs = append(refs, c.BOMRef)
	}
	var all []cdx.Dependency
	for _, ref := range refs {
		d := cdx.Dependency{Ref: ref}
		if on := b.edges[ref]; len(on) > 0 {
			slices.Sort(on)
			d.Dependencies = &on
		}
		all = append(all, d)
	}
	return &all
}

// programComponent describes the program itself.
func programComponent(info buildinfo.Info) *cdx.Component {
	return &cdx.Component{
		Type: cdx.ComponentTypeApplication, BOMRef: programRef, Name: "tabcell", Version: info.Version,
		PackageURL: packageURL("generic", "tabcell", info.Version), CPE: cpe("tabcell", "tabcell", info.Version), Licenses: licence("Apache-2.0"),
	}
}

// addGuests adds the guests, or only the named one, with their files and components, and the
// archive of packages that both have.
func (b *bill) addGuests(only string) {
	members := membership(b.info)
	core := assets.Output{}
	for _, g := range b.info.Guests {
		files := []assets.Output{g.Wasm, g.Resources}
		if g.Name == "core" {
			core = g.Resources
		} else {
			files = append(files, core) // a guest's own archive has only the resources that core's lacks
		}
		if only == "" || only == g.Name {
			b.addGuest(programRef, g.Name, g.Inputs, files)
		}
	}
	b.addGuest(programRef, "extra", b.info.Extra.Inputs, []assets.Output{b.info.Extra.Resources})
	for _, c := range b.info.Components {
		if in := members[c.Name]; in != "full" || only != "core" {
			b.addSource(c, in)
		}
	}
	b.linkSources()
}

// addGuest adds a guest, or the archive extra, and its files. A file that is there already is not
// added again.
func (b *bill) addGuest(parent, name, inputs string, files []assets.Output) {
	ref := guestRef(name)
	b.add(parent, cdx.Component{
		Type: cdx.ComponentTypeApplication, BOMRef: ref, Name: "tabcell guest " + name, Version: b.info.Python, Licenses: licence("Apache-2.0"),
		Properties: &[]cdx.Property{{Name: "tabcell:inputs_sha256", Value: inputs}},
	})
	for _, f := range files {
		file := cdx.Component{
			Type: cdx.ComponentTypeFile, BOMRef: "guest:" + f.File, Name: f.File, Hashes: sha256(f.Sha256),
			Properties: &[]cdx.Property{{Name: "tabcell:raw_sha256", Value: f.RawSha256}},
		}
		if b.has(file.BOMRef) {
			b.edges[ref] = append(b.edges[ref], file.BOMRef)
			continue
		}
		b.add(ref, file)
	}
}

func guestRef(name string) string { return "guest:" + name }

// has reports whether a component with the reference exists.
func (b *bill) has(ref string) bool {
	return slices.ContainsFunc(b.components, func(c cdx.Component) bool { return c.BOMRef == ref })
}

// sha256 returns a list with one digest, or nil if it is unknown.
func sha256(digest string) *[]cdx.Hash {
	if digest == "" {
		return nil
	}
	return &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA256, Value: digest}}
}

// licence converts an SPDX expression. It returns nil if the expression is empty.
func licence(expression string) *cdx.Licenses {
	if expression == "" {
		return nil
	}
	return &cdx.Licenses{{Expression: expression}}
}

// normalised returns the name of a Python package as the package index compares names.
func normalised(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "-", ".", "-").Replace(name))
}
