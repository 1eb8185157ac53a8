package server

import (
	"context"

	"tabcell/runtime"
	"tabcell/settings"

	"github.com/rs/zerolog"
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
		Concurrency:      s.Cells.Concurrency,
		Queue:            s.Cells.Queue,
		TemplateMemory:   uint64(s.Models.TemplatesMB) << 20,
		TimeZone:         timeZone(s.Cells.TimeZone),
		CacheDir:         s.Cells.CacheDir,
		Progress:         progress,
		AllowInterpreter: s.Cells.AllowInterpreter,
		Verify:           s.Cells.Verify,
	}
}

// logProgress returns a function that logs the steps of a start.
func logProgress(log *zerolog.Logger) func(runtime.Progress) {
	return func(p runtime.Progress) {
		if text := StartText(p); text != "" {
			log.Info().Msg(text)
		} else if p.Done {
			log.Info().Str("guest", p.Guest).Str("step", p.Step).Bool("warm", p.Warm).Dur("took", p.Took).Msg("start step done")
		}
	}
}
