package server

import (
	"net"
	"slices"
	"strconv"

	"tabcell/authn"
	"tabcell/cmd/tabcell/internal/grants"
	"tabcell/cmd/tabcell/internal/hostmem"
	"tabcell/runtime"
	"tabcell/settings"
)

// openGrants puts the grants of the configuration in force, and logs them.
func (s *service) openGrants(loaded *settings.Loaded) error {
	set, err := grants.New(loaded.Grants)
	if err != nil {
		return err
	}
	s.grants.Set(set)
	for _, g := range loaded.Grants {
		s.log.Info().Strs("accounts", g.Accounts).Strs("endpoints", g.Endpoints).Int("folders", len(g.Folders)).Int("targets", len(g.Targets)).
			Msgf("scripts may use the grant %s", g.Name)
	}
	return nil
}

// warnGrants logs the parts of reloaded grants for which this process has given up the rights.
func (s *service) warnGrants(all []settings.Grant) {
	if s.wall == nil {
		return
	}
	for _, g := range all {
		rights := grants.RightsOf([]settings.Grant{g})
		var missing []string
		for _, folder := range rights.Folders {
			if !s.wall.Reads(folder) {
				missing = append(missing, folder)
			}
		}
		for _, port := range rights.Ports {
			if !s.wall.Connects(port) {
				missing = append(missing, "port "+strconv.Itoa(int(port)))
			}
		}
		if len(missing) > 0 {
			s.log.Warn().Strs("missing", missing).Msgf("parts of [Grant %s] take effect only after a restart, because the process has given up its rights to them (TABCELL_CONFINE)", g.Name)
		}
	}
}

// withPorts returns the settings with the ports on which the server listens, in place of 0.
func (s *service) withPorts() settings.Settings {
	set := s.settings
	set.Server.Port = portOf(s.listener.Addr())
	if s.flight != nil {
		set.Flight.Port = portOf(s.flight.listener.Addr())
	}
	return set
}

// GrantLimits returns the limits of all grants together. One account or endpoint can have a quarter
// of the connections.
func GrantLimits(s settings.Settings) runtime.GrantLimits {
	return runtime.GrantLimits{
		Connections: s.Cells.GrantConnections, PerOwner: max(1, s.Cells.GrantConnections/4), OwnPorts: ownPorts(s),
		WaitingMemory: uint64(s.WaitingMB(hostmem.Available().MB())) << 20,
	}
}

// ownPorts returns the ports on which the server listens.
func ownPorts(s settings.Settings) (ports []uint16) {
	ports = append(ports, uint16(s.Server.Port))
	if s.Flight.Enable {
		ports = append(ports, uint16(s.Flight.Port))
	}
	if _, text, err := net.SplitHostPort(s.Cluster.Listen); err == nil {
		if port, err := strconv.ParseUint(text, 10, 16); err == nil {
			ports = append(ports, uint16(port))
		}
	}
	return slices.DeleteFunc(ports, func(port uint16) bool { return port == 0 })
}

// KnownAccounts returns the names of the accounts in the password file. ok is false if clients can
// have other accounts, or if the file cannot be read. It is for settings.Sources.
func KnownAccounts(s settings.Settings) (names []string, ok bool) {
	if s.TLS.ClientCA != "" {
		return nil, false
	}
	if s.Auth.PasswordFile == "" {
		return nil, true
	}
	file, err := authn.ReadFile(s.Auth.PasswordFile)
	if err != nil {
		return nil, false
	}
	for _, account := range file.Accounts {
		names = append(names, account.Name)
	}
	return names, true
}
