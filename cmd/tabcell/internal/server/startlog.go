package server

import (
	"os"
	"strings"

	"tabcell/cmd/tabcell/internal/buildinfo"
	"tabcell/runtime"
	"tabcell/settings"

	"github.com/rs/zerolog"
)

// logSettings logs the settings, with TabPy's sentences where there are any, because log monitors
// look for them.
func logSettings(log *zerolog.Logger, file string, l *settings.Loaded) {
	if file != "" {
		log.Info().Msgf("Parsing config file %s", file)
	}
	for _, e := range l.Effective() {
		log.Debug().Msgf("Parameter %s set to %q from %s", e.Name, e.Value, e.Origin)
	}
	for _, w := range l.Warnings {
		log.Warn().Msg(strings.ReplaceAll(w.String(), "\n", " "))
	}
	log.Info().Msgf("Setting max request size to %d bytes", maxRequest(l.Settings))
	if state := settings.StateFile(l.Settings.State.Path); state != "" {
		log.Info().Msgf("Loading state from state file %s", state)
	}
	info := buildinfo.Current()
	log.Info().Msgf("This is tabcell %s on %s", info.Version, info.Platform)
	logEngine(log)
	logProtection(log, l.Settings)
	log.Info().Msgf("Call context logging is %s", map[bool]string{true: "enabled", false: "disabled"}[l.Settings.Log.Details])
}

// logEngine logs the name of the engine, and for the stock one, how to get a faster one.
func logEngine(log *zerolog.Logger) {
	if runtime.EnginePatches() == "" {
		log.Info().Msgf("The engine is %s: %s", runtime.EngineName(), buildinfo.StockEngineAdvice())
		return
	}
	log.Info().Msgf("The engine is %s", runtime.EngineName())
	if runtime.AddressSpaceLimited() {
		log.Warn().Msg("The address space is limited: " + buildinfo.AddressSpaceAdvice)
	}
}

// logProtection logs the configured authentication and encryption.
func logProtection(log *zerolog.Logger, s settings.Settings) {
	if s.Auth.PasswordFile != "" {
		log.Info().Msgf("Parsing passwords file %s...", s.Auth.PasswordFile)
	}
	switch {
	case s.OAuth.Enabled && s.Auth.PasswordFile == "":
		log.Info().Msg("Authentication is enabled, by bearer tokens only")
	case s.OAuth.Enabled:
		log.Info().Msg("Authentication is enabled, by bearer tokens too")
	case s.Auth.PasswordFile != "":
		log.Info().Msg("Authentication is enabled")
	case s.TLS.ClientCA != "":
		log.Info().Msg("Authentication is enabled, by client certificates only")
	default:
		log.Info().Msg("Password file is not specified: Authentication is not enabled")
	}
	if s.TLS.ClientCA != "" {
		log.Info().Msgf("Client certificates are %s; their authorities are in %s", s.TLS.ClientCert, s.TLS.ClientCA)
	}
	if s.TLS.Protocol == "https" {
		log.Info().Msgf("Setting minimum TLS version to %s", s.TLS.Minimum)
	}
}

// unreachableInContainer is the warning about a server in a container, whose runtime or image sets
// the variable "container", as systemd and podman do.
const unreachableInContainer = "the server listens on the loopback address of a container, which a published port does not reach: " +
	"enable authentication, or set TABCELL_HOST to 0.0.0.0 and publish the port only to those who may run scripts"

// announce logs the port, in TabPy's sentence, and the values to enter in Tableau.
func (s *service) announce() {
	port := portOf(s.listener.Addr())
	s.log.Info().Msgf("Web service listening on port %d", port)
	s.log.Info().Str("host", tableauHost(s.settings.Server.ListenHost())).Int("port", port).
		Bool("require SSL", s.settings.TLS.Protocol == "https").
		Msg("in Tableau: Help > Settings and Performance > Manage Analytics Extension Connection > TabPy, with this host and port")
	if s.flight != nil { // TabPy's sentence
		s.log.Info().Msgf("Serving on %s", s.flight.location(s.settings.Server.ListenHost()))
	}
	if os.Getenv("container") != "" && settings.IsLoopback(s.settings.Server.ListenHost()) {
		s.log.Warn().Msg(unreachableInContainer)
	}
}
