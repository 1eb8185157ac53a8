package consoleinfo

import (
	"time"

	"tabcell/assets"
	"tabcell/cmd/tabcell/internal/packages"
	"tabcell/httpapi/console"
)

// Libraries implements console.Admin.
func (a *Admin) Libraries() ([]console.Guest, []console.Library, error) {
	manifest := assets.Manifest()
	var guests []console.Guest
	for _, g := range manifest.Guests {
		guests = append(guests, console.Guest{Name: g.Name, Python: manifest.Python, State: a.GuestState(g.Name), Digest: g.Wasm.RawSha256})
	}
	list := a.packages.get(maxPackagesAge, time.Now, func() (l packageList) {
		l.all, l.err = packages.List(a.Loaded().Settings.Cells.Packages)
		return l
	})
	libraries := []console.Library{}
	for _, d := range list.all {
		libraries = append(libraries, console.Library{Name: d.Name, Version: d.Version, Guest: d.Guest, Licence: d.Licence})
	}
	if len(libraries) > 0 {
		return guests, libraries, nil // the findings have the error about the folder of wheels
	}
	return guests, libraries, list.err
}
