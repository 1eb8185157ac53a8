package server

import (
	"context"

	"tabcell/runtime"
	"tabcell/settings"

	"github.com/rs/zerolog"
)

// StartFunc makes an engine. It takes seconds, and ends early with ctx.
type StartFunc func(ctx context.Context, s settings.Settings, progress func(runtime.Progress)) (runtime.Evaluator, error)

func EngineConfig(s settings.Settings, guest runtime.Guest, progress func(runtime.Progress)) runtime.Config {
	return runtime.Config{
		Guest: guest,
		Limits: runtime.Limits{
			Timeout: s.Evaluate.Timeout.Duration(),
			Memory:  uint64(s.Cells.MemoryMB) << 20,
			Output:  uint64(s.Cells.OutputMB) << 20,
		},
		Concurrency:      s.Cells.Concurrency,
		Queue:            s.Cells.Queue,
		TemplateMemory:   uint64(s.Models.TemplatesMB) << 20,
		CacheDir:         s.Cells.CacheDir,
		Progress:         progress,
		AllowInterpreter: s.Cells.AllowInterpreter,
		Verify:           s.Cells.Verify,
	}
}

func logProgress(log *zerolog.Logger) func(runtime.Progress) {
	return func(p runtime.Progress) {
		if text := StartText(p); text != "" {
			log.Info().Msg(text)
		} else if p.Done {
			log.Info().Str("guest", p.Guest).Str("step", p.Step).Bool("warm", p.Warm).Dur("took", p.Took).Msg("start step done")
		}
	}
}
