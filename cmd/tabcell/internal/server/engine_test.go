package server

import (
	"testing"
	"time"

	"tabcell/runtime"
	"tabcell/settings"
)

func TestEngineConfig(t *testing.T) {
	s := settings.Defaults()
	s.Cells = settings.Cells{MemoryMB: 3, OutputMB: 5, Concurrency: 7, Queue: 9, CacheDir: "c", AllowInterpreter: true, Verify: true}
	got := EngineConfig(s, runtime.Guest{Name: "g"}, nil)
	if got.Limits != (runtime.Limits{Timeout: 30 * time.Second, Memory: 3 << 20, Output: 5 << 20, Request: 100 << 20}) || got.Concurrency != 7 || got.Queue != 9 ||
		got.CacheDir != "c" || !got.AllowInterpreter || !got.Verify || got.Guest.Name != "g" {
		t.Errorf("got %+v", got)
	}
}
