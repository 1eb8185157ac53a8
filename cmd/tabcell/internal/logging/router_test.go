package logging

import (
	"bytes"
	"strings"
	"testing"

	"github.com/rs/zerolog"
)

func TestLastResort(t *testing.T) {
	loaded, file := loadLog(t, t.TempDir(), "[loggers]\nkeys=root\n[handlers]\nkeys=\n[formatters]\nkeys=\n[logger_root]\nlevel=DEBUG\nhandlers=\n")
	var stderr bytes.Buffer
	log, err := Open(file, loaded, Output{Stderr: &stderr})
	if err != nil {
		t.Fatal(err)
	}
	log.Info().Msg("below the level")
	log.Warn().Msg("written")
	if stderr.String() != "written\n" {
		t.Errorf("got %q", stderr.String())
	}
}

func TestUnusedLoggers(t *testing.T) {
	loaded, file := loadLog(t, t.TempDir(), "[loggers]\nkeys=root,a,b\n[handlers]\nkeys=h\n[formatters]\nkeys=\n[logger_root]\nhandlers=h\n[handler_h]\nclass=StreamHandler\n"+
		"[logger_a]\nqualname=__main__\nhandlers=\n[logger_b]\nqualname=tabpy\nhandlers=\n")
	var stderr bytes.Buffer
	if _, err := Open(file, loaded, Output{Stderr: &stderr}); err != nil {
		t.Fatal(err)
	}
	if want := file + ` line 12: no record is logged under the name "__main__"; the names in use are ` + startLogger; !strings.HasPrefix(stderr.String(), want) || strings.Count(stderr.String(), "\n") != 1 {
		t.Errorf("got %q", stderr.String())
	}
}

// TestMinLevel checks that zerolog does not produce lines that no handler receives.
func TestMinLevel(t *testing.T) {
	for _, c := range []struct {
		root, access int
		want         zerolog.Level
	}{
		{0, 0, zerolog.TraceLevel}, {10, 0, zerolog.DebugLevel}, {30, 0, zerolog.WarnLevel}, {30, 10, zerolog.DebugLevel}, {20, 40, zerolog.InfoLevel}, {50, 0, zerolog.FatalLevel},
	} {
		router := &router{loggers: map[string]pyLogger{"": {level: c.root}, "tornado.access": {level: c.access}}}
		if got := router.minLevel(); got != c.want {
			t.Errorf("%+v: got %s", c, got)
		}
	}
}
