package server

import (
	"sync"

	"tabcell/assets"
	"tabcell/cmd/tabcell/internal/consoleinfo"
	"tabcell/httpapi"
	"tabcell/runtime"
	"tabcell/settings"
)

// withConsole adds to deps what the console shows.
func (s *service) withConsole(deps httpapi.Deps) httpapi.Deps {
	if !s.settings.Console.Enable {
		return deps
	}
	about := consoleinfo.Server{
		Loaded: s.inForce.Load, Confinement: s.Confinement, TimeZone: TimeZone, GuestState: s.guestState, Audit: s.audit, Accounts: s.knownAccounts,
	}
	if s.tls != nil { // an interface with a nil *Server would not be nil
		about.TLS = s.tls
	}
	deps.ConsoleAdmin = consoleinfo.New(about)
	if s.node != nil {
		deps.ConsoleNodes = consoleinfo.NewNodes(s.node.Status)
	}
	manual, err := consoleinfo.NewManual(assets.Docs())
	if err != nil {
		s.log.Error().Err(err).Msg("the console has no manual")
		return deps
	}
	deps.Manual = manual
	return deps
}

// knownAccounts returns the accounts that the configuration in force names.
func (s *service) knownAccounts() consoleinfo.KnownAccounts {
	if s.auth == nil {
		return consoleinfo.KnownAccounts{Anonymous: defaultRoles(s.inForce.Load().Settings.Auth)}
	}
	m := s.auth.current.Load()
	known := consoleinfo.KnownAccounts{Authenticates: true, Roles: m.authority.Roles()}
	if m.authority.Passwords != nil {
		known.Passwords = m.authority.Passwords.Names()
	}
	return known
}

// guestStates has the guests whose start has been reported, and whether they are ready.
type guestStates struct {
	mu    sync.Mutex
	ready map[string]bool // guarded by mu
}

// report takes the progress of a start.
func (g *guestStates) report(p runtime.Progress) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.ready == nil {
		g.ready = map[string]bool{}
	}
	g.ready[p.Guest] = g.ready[p.Guest] || p.Step == "boot" && p.Done
}

// guestState returns the state of a guest, as the console shows it.
func (s *service) guestState(name string) string {
	s.guests.mu.Lock()
	defer s.guests.mu.Unlock()
	ready, reported := s.guests.ready[name]
	switch {
	case ready:
		return "ready"
	case reported:
		return "preparing"
	case selects(s.settings.Cells, name):
		return "waiting"
	}
	return "off"
}

// selects reports whether the settings select a guest.
func selects(c settings.Cells, guest string) bool { return c.Guest == guest || c.Guest == "auto" }
