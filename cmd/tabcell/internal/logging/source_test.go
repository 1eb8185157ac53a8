package logging

import (
	"bytes"
	"sync/atomic"
	"testing"

	"github.com/rs/zerolog"
)

func TestSourceHook(t *testing.T) {
	var line bytes.Buffer
	var needed atomic.Bool
	log := zerolog.New(&line).Hook(sourceHook{&needed})
	log.Info().Msg("without")
	if r := readRecord(line.Bytes()); r.File != "" {
		t.Errorf("a position that no handler shows: %+v", r)
	}
	line.Reset()
	needed.Store(true)
	func() { log.Info().Msg("m") }()
	r := readRecord(line.Bytes())
	if r.File != "tabcell/cmd/tabcell/internal/logging/source_test.go" || r.Line == 0 || r.Function != "TestSourceHook" || r.Message != "m" {
		t.Errorf("got %+v", r)
	}
}
