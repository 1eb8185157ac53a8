package main

import (
	"strings"

	"tabcell/settings"

	"github.com/rs/zerolog"
)

// logger writes to stderr: text for people, JSON for machines.
func (f *front) logger(cfg settings.Log) zerolog.Logger {
	level, err := zerolog.ParseLevel(cfg.Level)
	if err != nil {
		level = zerolog.InfoLevel // settings let nothing else through
	}
	out := zerolog.SyncWriter(f.stderr)
	if cfg.Format == "text" || cfg.Format == "auto" && f.terminal {
		out = zerolog.ConsoleWriter{Out: out, NoColor: !f.terminal, TimeFormat: "2006-01-02 15:04:05.000"}
	}
	return zerolog.New(out).Level(level).With().Timestamp().Logger()
}

// logSettings says what was read, in TabPy's sentences where it has them: people's log watchers know those.
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
	log.Info().Msg("Password file is not specified: Authentication is not enabled")
	log.Info().Msg("Call context logging is disabled")
}
