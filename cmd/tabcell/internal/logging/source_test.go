package logging

import (
	"bytes"
	"testing"

	"github.com/rs/zerolog"
)

func TestSourceHook(t *testing.T) {
	var line bytes.Buffer
	log := zerolog.New(&line).Hook(sourceHook{})
	func() { log.Info().Msg("m") }()
	r := readRecord(line.Bytes())
	if r.File != "tabcell/cmd/tabcell/internal/logging/source_test.go" || r.Line == 0 || r.Function != "TestSourceHook" || r.Message != "m" {
		t.Errorf("got %+v", r)
	}
}
