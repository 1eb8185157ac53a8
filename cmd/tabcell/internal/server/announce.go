package server

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tabcell/runtime/registry"
	"tabcell/settings"
)

// announceServer describes this server in the models folder, so that the endpoint commands find it.
func (s *service) announceServer(loaded *settings.Loaded) {
	if s.registry == nil {
		return
	}
	err := s.registry.Announce(describeServer(loaded, s.listener.Addr()))
	if err != nil && !errors.Is(err, registry.ErrReadOnly) {
		s.log.Warn().Err(err).Msg("the endpoint commands will not find this server; they need --url")
	}
}

// describeServer returns the description of a server that listens on addr.
func describeServer(loaded *settings.Loaded, addr net.Addr) registry.Server {
	tls := loaded.Settings.TLS
	d := registry.Server{URL: tls.Protocol + "://" + localAddress(addr), PID: os.Getpid(), Started: time.Now().UTC().Truncate(time.Second)}
	if sub := strings.Trim(loaded.Service.Subdirectory, "/"); sub != "" {
		d.URL += "/" + sub
	}
	if tls.Protocol == "https" {
		d.Certificate = tls.Certificate
		if absolute, err := filepath.Abs(tls.Certificate); err == nil {
			d.Certificate = absolute
		}
	}
	d.Host, _ = os.Hostname() // "" if it is unknown
	return d
}

// localAddress returns the address at which programs on this machine reach a listener: in place of
// all addresses, the loopback address of IPv4. Go accepts IPv4 on a listener for [::], which it
// also uses for 0.0.0.0, and ::1 does not exist in containers without IPv6.
func localAddress(addr net.Addr) string {
	a, err := netip.ParseAddrPort(addr.String())
	if err != nil || !a.Addr().IsUnspecified() {
		return addr.String()
	}
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), a.Port()).String()
}
