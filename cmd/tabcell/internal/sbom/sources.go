package sbom

import (
	"cmp"
	"slices"

	"tabcell/assets"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

// addSource adds a source of MANIFEST that is in the given guest, and the parts that it contains.
func (b *bill) addSource(c assets.Component, guest string) {
	s := sourceOf(c)
	component := cdx.Component{
		Type: cdx.ComponentTypeLibrary, BOMRef: sourceRef(c), Name: c.Name, Version: c.Version, Licenses: licence(c.Licence),
		PackageURL: s.packageURL(c), CPE: s.cpe(c), Hashes: sha256(c.Sha256), Pedigree: pedigree(c.Name),
	}
	if c.File != "" { // the digest is that of this file
		component.Properties = &[]cdx.Property{{Name: "tabcell:file", Value: c.File}}
	}
	b.addTo(guest, component)
	for _, p := range parts {
		if p.of == c.Name {
			b.addTo(p.guest, p.component())
		}
	}
}

// addTo adds a component to a guest, and one of core to every guest that is listed.
func (b *bill) addTo(guest string, c cdx.Component) {
	b.components = append(b.components, c)
	for _, name := range append([]string{guest}, Guests...) {
		if ref := guestRef(name); b.has(ref) && (name == guest || guest == "core") && !slices.Contains(b.edges[ref], c.BOMRef) {
			b.edges[ref] = append(b.edges[ref], c.BOMRef)
		}
	}
}

// linkSources adds the edges between sources, and from each Python package to the interpreter.
func (b *bill) linkSources() {
	refs := map[string]string{}
	for _, c := range b.info.Components {
		refs[c.Name] = sourceRef(c)
	}
	for _, p := range parts {
		refs[p.name] = p.ref()
	}
	link := func(from, to string) {
		if to = refs[to]; b.has(from) && b.has(to) {
			b.edges[from] = append(b.edges[from], to)
		}
	}
	for _, c := range b.info.Components {
		for _, p := range parts {
			if p.of == c.Name {
				link(sourceRef(c), p.name)
			}
		}
		s := sourceOf(c)
		for _, used := range s.uses {
			link(sourceRef(c), used)
		}
		if s.kind == "cargo" {
			link(refs["pydantic-core"], c.Name)
		}
		if s.kind == "" && s.guest == "" {
			link(sourceRef(c), "cpython")
		}
	}
}

// component returns the component of a part.
func (p part) component() cdx.Component {
	return cdx.Component{
		Type: cdx.ComponentTypeLibrary, BOMRef: p.ref(), Name: p.name, Version: p.version, Licenses: licence(p.licence),
		PackageURL: packageURL(p.kind, p.pack, p.version), CPE: cpe(p.vendor, p.product, p.version), Hashes: sha256(p.sha256), Pedigree: pedigree(p.name),
		Properties: &[]cdx.Property{{Name: "tabcell:contained_in", Value: p.of}, {Name: "tabcell:stated_in", Value: p.from}},
	}
}

func (p part) ref() string { return "guest:" + p.name + "@" + p.version }

func sourceRef(c assets.Component) string { return "guest:" + c.Name + "@" + c.Version }

// packageURL returns the package URL of a source. Files of Debian's archives of sources are those
// of the projects.
func (s source) packageURL(c assets.Component) string {
	name := cmp.Or(s.pack, c.Name)
	switch s.kind {
	case "":
		return packageURL("pypi", normalised(name), c.Version)
	case "deb":
		return packageURL("deb", "debian/"+name, c.Version)
	}
	return packageURL(s.kind, name, c.Version)
}

// cpe returns the CPE name of a source.
func (s source) cpe(c assets.Component) string {
	return cpe(cmp.Or(s.vendor, c.Name+"_project"), cmp.Or(s.product, c.Name), cmp.Or(s.version, c.Version))
}
