package server

import (
	"context"

	"tabcell/cmd/tabcell/internal/hostmem"
	"tabcell/runtime"
	"tabcell/settings"
)

// StartFunc starts an engine, which takes seconds. It returns early if ctx is canceled.
type StartFunc func(ctx context.Context, s settings.Settings, progress func(runtime.Progress)) (runtime.Evaluator, error)

// EngineConfig returns the configuration of the engine of a guest. progress, if not nil, is called
// for each step of the start.
func EngineConfig(s settings.Settings, guest runtime.Guest, progress func(runtime.Progress)) runtime.Config {
	return runtime.Config{
		Guest: guest,
		Limits: runtime.Limits{
			Timeout: s.Evaluate.Timeout.Duration(),
			Memory:  uint64(s.Cells.MemoryMB) << 20,
			Output:  uint64(s.Cells.OutputMB) << 20,
			Request: uint64(s.Request.MaxMB) << 20,
		},
		Grants:           GrantLimits(s),
		Concurrency:      s.Cells.Concurrency,
		Reserve:          s.HasReserve(hostmem.Available().MB()),
		Queue:            s.Cells.Queue,
		TemplateMemory:   uint64(s.Models.TemplatesMB) << 20,
		TimeZone:         timeZone(s.Cells.TimeZone),
		CacheDir:         s.Cells.CacheDir,
		Progress:         progress,
		AllowInterpreter: s.Cells.AllowInterpreter,
		Verify:           s.Cells.Verify,
	}
}
