package grants

import (
	"net/netip"
	"net/url"
	"slices"
	"strconv"

	"tabcell/settings"
)

// Rights are the rights of a process whose scripts use grants.
type Rights struct {
	Folders []string // to read, sorted
	Ports   []uint16 // of TCP connections, sorted
	Names   bool     // names of hosts are resolved
}

// RightsOf returns the rights for the grants of a configuration.
func RightsOf(all []settings.Grant) (r Rights) {
	for _, g := range all {
		for _, f := range g.Folders {
			r.Folders = append(r.Folders, f.Host)
		}
		for _, t := range targetsOf(g) {
			r.Ports = append(r.Ports, uint16(t.Port))
			_, err := netip.ParseAddr(t.Host)
			r.Names = r.Names || err != nil
		}
	}
	slices.Sort(r.Folders)
	slices.Sort(r.Ports)
	r.Folders, r.Ports = slices.Compact(r.Folders), slices.Compact(r.Ports)
	return r
}

// targetsOf returns the places to which connections of a grant go: its targets, or its proxy.
func targetsOf(g settings.Grant) []settings.GrantTarget {
	if g.Proxy == "" || len(g.Targets) == 0 {
		return g.Targets
	}
	proxy, err := url.Parse(g.Proxy)
	if err != nil {
		return nil // New reports it
	}
	port, err := strconv.Atoi(proxy.Port())
	if err != nil {
		port = map[string]int{"http": 80, "https": 443}[proxy.Scheme]
	}
	return []settings.GrantTarget{{Scheme: proxy.Scheme, Host: proxy.Hostname(), Port: port}}
}
