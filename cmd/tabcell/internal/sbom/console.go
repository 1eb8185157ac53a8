package sbom

import (
	"strings"

	"tabcell/httpapi/console/web"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

// addConsole adds the JavaScript libraries that the console contains, as its manifest lists them.
func (b *bill) addConsole() error {
	libraries, err := web.Libraries()
	for _, l := range libraries {
		b.add(programRef, libraryComponent(l))
	}
	return err
}

func libraryComponent(l web.Library) cdx.Component {
	// The @ of a scope is encoded in a package URL.
	url := strings.Replace(packageURL("npm", l.Name, l.Version), "/@", "/%40", 1)
	vendor, product, scoped := strings.Cut(strings.TrimPrefix(l.Name, "@"), "/")
	if !scoped {
		vendor, product = l.Name+"_project", l.Name
	}
	return cdx.Component{
		Type: cdx.ComponentTypeLibrary, BOMRef: url, Name: l.Name, Version: l.Version, PackageURL: url,
		CPE: cpe(vendor, product, l.Version), Licenses: licence(l.Licence),
	}
}
