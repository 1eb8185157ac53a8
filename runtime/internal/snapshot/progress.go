package snapshot

import (
	"context"
	"sync"
	"time"
)

// Progress reports a step of a start: "compile" or "load" (of compiled code), and then "boot".
type Progress struct {
	Step     string
	Done     bool          // the step has ended
	Took     time.Duration // if Done
	Fraction float64       // part of the start that is done, below 1; 0 if it is unknown
	Left     time.Duration // estimated time until the start ends; 0 if it is unknown
}

// reportInterval is the time between two reports of the progress.
const reportInterval = 500 * time.Millisecond

// reporter reports the steps of one start. While code is compiled and booted, it also reports the
// estimates of the meter.
type reporter struct {
	report func(Progress)
	meter  *meter
	ended  chan struct{}
	ticks  sync.WaitGroup

	mu   sync.Mutex // one report at a time
	step string
}

// newReporter returns a reporter that calls report, which may be nil. Its end must be called.
func newReporter(report func(Progress), m *meter) *reporter {
	if report == nil {
		report = func(Progress) {}
	}
	r := &reporter{report: report, meter: m, ended: make(chan struct{})}
	r.ticks.Go(r.tick)
	return r
}

func (r *reporter) tick() {
	ticks := time.NewTicker(reportInterval)
	defer ticks.Stop()
	for {
		select {
		case <-ticks.C:
			r.estimate()
		case <-r.ended:
			return
		}
	}
}

// estimate reports the present estimate, if there is one.
func (r *reporter) estimate() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if fraction, left, ok := r.meter.estimate(); ok {
		r.report(Progress{Step: r.step, Fraction: fraction, Left: left})
	}
}

// begin reports the beginning of a step.
func (r *reporter) begin(step string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.step = step
	p := Progress{Step: step}
	p.Fraction, p.Left, _ = r.meter.estimate()
	r.report(p)
}

// done reports the end of a step that took the given time.
func (r *reporter) done(step string, took time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := Progress{Step: step, Done: true, Took: took}
	p.Fraction, p.Left, _ = r.meter.estimate()
	r.report(p)
}

// end ends the reports.
func (r *reporter) end() {
	close(r.ended)
	r.ticks.Wait()
}

// countingContext is the context of a compilation. The patched engine finds its method with a type
// assertion; the released engine does not call it.
type countingContext struct {
	context.Context
	meter *meter
}

// FunctionsCompiled takes the number of bytes of the bodies that are compiled, and of all. Several
// goroutines call it.
func (c countingContext) FunctionsCompiled(done, total int) { c.meter.compiled(done, total) }
