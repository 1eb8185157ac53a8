package logging

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/settings"

	"github.com/rs/zerolog"
)

// TestEvents checks which lines are events, with each kind of log, and that the log is the same as
// without events.
func TestEvents(t *testing.T) {
	for name, config := range map[string]string{
		"JSON":     "",
		"text":     "TABCELL_LOG_FORMAT = text",
		"handlers": "[loggers]\nkeys=root\n[handlers]\nkeys=out\n[formatters]\nkeys=\n[logger_root]\nlevel=INFO\nhandlers=out\n[handler_out]\nclass=StreamHandler\nargs=(sys.stderr,)\n",
	} {
		t.Run(name, func(t *testing.T) {
			file := testenv.WriteConfig(t, "[TabPy]\n"+config)
			loaded, err := settings.Load(settings.Sources{File: file})
			if err != nil {
				t.Fatal(err)
			}
			var events []string
			log := func(report func(zerolog.Level, string)) int {
				var stderr bytes.Buffer
				l, err := Open(file, loaded, Output{Stderr: &stderr, Stdout: &stderr, Events: report})
				if err != nil {
					t.Fatal(err)
				}
				defer l.Close()
				l.Info().Msg("ready")
				l.Warn().Str("file", "x\ny").Msg("odd")
				l.Error().Err(errors.New("no")).Msg("failed")
				l.Debug().Msg("detail")
				return strings.Count(stderr.String(), "\n")
			}
			with := log(func(level zerolog.Level, message string) { events = append(events, fmt.Sprint(level, ": ", message)) })
			if want := []string{`warn: odd file="x\ny"`, "error: failed error=no"}; !slices.Equal(events, want) {
				t.Errorf("events %q, want %q", events, want)
			}
			if without := log(nil); with != 3 || without != 3 {
				t.Errorf("%d lines with events, %d without, want 3", with, without)
			}
		})
	}
}
