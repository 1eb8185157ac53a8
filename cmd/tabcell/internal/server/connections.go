package server

import (
	"net"
	"net/url"
	"os"
	"strconv"

	"tabcell/cmd/tabcell/internal/confine"
	"tabcell/cmd/tabcell/internal/grants"
	"tabcell/settings"
)

// dnsPort is used if a response of a name server is too long for UDP.
const dnsPort = 53

// addConnections permits the connections that the configuration needs: to the given addresses, and
// to syslog receivers.
func addConnections(plan *confine.Plan, loaded *settings.Loaded, addresses ...string) {
	if receiver, ok := loaded.Settings.Audit.Syslog(); ok {
		addresses = append(addresses, receiver.Address)
	}
	if loaded.PyLog != nil {
		for _, h := range loaded.PyLog.Handlers {
			if h.Syslog.Address != "" {
				addresses = append(addresses, h.Syslog.Address)
			}
		}
	}
	if len(addresses) == 0 {
		return
	}
	plan.Sockets = true
	for _, address := range addresses {
		host, service, err := net.SplitHostPort(address)
		if err != nil { // the path of a Unix socket, which Landlock does not restrict
			continue
		}
		if port, err := net.LookupPort("tcp", service); err == nil {
			plan.Connect = append(plan.Connect, uint16(port))
		}
		if net.ParseIP(host) == nil {
			addResolver(plan)
		}
	}
}

// addGrants permits the folders and connections of grants.
func addGrants(plan *confine.Plan, all []settings.Grant) {
	rights := grants.RightsOf(all)
	plan.Read = append(plan.Read, rights.Folders...)
	plan.Connect = append(plan.Connect, rights.Ports...)
	if len(rights.Ports) > 0 {
		plan.Sockets, plan.NeedPorts = true, true
	}
	if rights.Names {
		addResolver(plan)
	}
}

// addResolver permits the resolution of host names.
func addResolver(plan *confine.Plan) {
	files, _ := confine.ReadFiles([]string{"/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/gai.conf", "/etc/services", "/etc/host.conf"})
	plan.Read = append(plan.Read, files...)
	plan.Connect = append(plan.Connect, dnsPort)
}

// keySetAddresses returns the addresses of the key set and of the proxies that the environment
// sets, as HOST:PORT.
func keySetAddresses(o settings.OAuth) []string {
	if !o.Enabled || o.KeySetFile != "" {
		return nil
	}
	var addresses []string
	for _, text := range []string{o.JWKSURI, os.Getenv("HTTPS_PROXY"), os.Getenv("https_proxy")} {
		u, err := url.Parse(text)
		if err != nil || u.Hostname() == "" {
			continue
		}
		port := u.Port()
		if port == "" {
			port = strconv.Itoa(map[string]int{"http": 80, "socks5": 1080}[u.Scheme])
		}
		if port == "0" {
			port = "443"
		}
		addresses = append(addresses, net.JoinHostPort(u.Hostname(), port))
	}
	return addresses
}
