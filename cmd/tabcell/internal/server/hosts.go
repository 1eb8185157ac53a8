package server

import (
	"net"
	"os"
	"slices"

	"tabcell/settings"
)

// hostNames returns the host names that requests may use for this server: the allowed ones, and
// those of the machine and of the listener. It returns nil, which means any name, if "*" is
// allowed, or if no names are configured and the server is reachable from the network.
func hostNames(s settings.Server) []string {
	allowed := settings.SplitList(s.AllowedHosts)
	if slices.Contains(allowed, "*") || len(allowed) == 0 && !settings.IsLoopback(s.ListenHost()) {
		return nil
	}
	names := append(allowed, "localhost", s.ListenHost())
	if machine, err := os.Hostname(); err == nil {
		names = append(names, machine)
	}
	return names
}

// tableauHost returns the host name to enter in Tableau for a server that listens on host.
func tableauHost(host string) string {
	ip := net.ParseIP(host)
	switch {
	case ip.IsLoopback():
		return "localhost"
	case ip.IsUnspecified():
		if name, err := os.Hostname(); err == nil {
			return name
		}
	}
	return host
}
