package server

import (
	"fmt"
	"sync"
	"time"

	"tabcell/runtime"

	"github.com/rs/zerolog"
)

// progressInterval is the time between two log lines about the progress of a start.
const progressInterval = 5 * time.Second

// ProgressText returns a line about a start that compiles a guest, or "" if there is nothing to
// show.
func ProgressText(p runtime.Progress) string {
	if p.Left == 0 || p.Done && p.Step == "boot" {
		return ""
	}
	return fmt.Sprintf("preparing the Python guest %q: %d %%, about %d s left", p.Guest, p.Percent(), p.SecondsLeft())
}

// doneText returns a message about the end of a step.
func doneText(p runtime.Progress) string {
	switch p.Code {
	case runtime.CodeCompiled:
		return fmt.Sprintf("the Python guest %q was compiled", p.Guest)
	case runtime.CodeCached:
		return fmt.Sprintf("the Python guest %q was loaded from the cache", p.Guest)
	case runtime.CodeShipped:
		return fmt.Sprintf("the Python guest %q was loaded from the shipped code", p.Guest)
	}
	return fmt.Sprintf("the Python guest %q was booted", p.Guest)
}

// progressLog logs the steps of a start, and at intervals how far a compilation is.
type progressLog struct {
	log   *zerolog.Logger
	shown bool // the intermediate progress is shown elsewhere
	cache bool // the code is kept for later starts

	mu   sync.Mutex
	last map[string]time.Time // of the last line about each guest
}

func newProgressLog(log *zerolog.Logger, shown, cache bool) *progressLog {
	return &progressLog{log: log, shown: shown, cache: cache, last: map[string]time.Time{}}
}

// report logs a step, or the progress of one. It reports whether a line about the progress was due.
func (l *progressLog) report(p runtime.Progress) (due bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	last, begun := l.last[p.Guest]
	text := ProgressText(p)
	switch {
	case p.Done:
		l.done(p)
		return false
	case !begun && p.Step == "compile":
		l.log.Info().Msgf("compiling the Python guest %q%s", p.Guest, map[bool]string{
			true:  ", which is done once; later starts load it from the cache",
			false: ", which each start does without a cache folder (TABCELL_CACHE_DIR)",
		}[l.cache])
	case text == "" || time.Since(last) < progressInterval:
		return false
	case !l.shown:
		l.log.Info().Str("guest", p.Guest).Int("percent", p.Percent()).Int("seconds_left", p.SecondsLeft()).Msg(text)
	}
	l.last[p.Guest] = time.Now()
	return true
}

// done logs the end of a step.
func (l *progressLog) done(p runtime.Progress) {
	e := l.log.Info().Str("guest", p.Guest).Str("step", p.Step).Dur("took", p.Took)
	if p.Code != "" {
		e = e.Str("code", string(p.Code))
	}
	e.Msg(doneText(p))
}
