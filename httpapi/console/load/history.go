package load

import (
	"slices"
	"time"
)

const (
	// Step is the time between two values of the history.
	Step = 5 * time.Second
	// steps is the number of values: one hour.
	steps = int64(time.Hour / Step)
	// maxBackwards is the number of steps by which the clock may be set back without an end of the
	// history.
	maxBackwards = 2
	// maxDurations is the number of calls of a step from which the percentiles are computed.
	maxDurations = 256
)

// step collects the calls of a step.
type step struct {
	calls, failures        uint64
	queue, cell, run, copy time.Duration // sums
	durations              [maxDurations]uint32
}

func (s *step) add(c Call) {
	s.durations[s.calls%maxDurations] = microseconds(c.Queue + c.inCells())
	s.calls++
	if c.Failed {
		s.failures++
	}
	s.queue, s.cell, s.run, s.copy = s.queue+c.Queue, s.cell+c.Cell, s.run+c.Run, s.copy+c.Copy
}

// microseconds returns d in a form that takes four bytes. It ends at 71 minutes.
func microseconds(d time.Duration) uint32 {
	return uint32(min(max(d.Microseconds(), 0), 1<<32-1))
}

// percentile returns the duration of which p percent of the calls are not longer, in milliseconds.
func (s *step) percentile(p int) float32 {
	n := int(min(s.calls, maxDurations))
	sorted := slices.Clone(s.durations[:n])
	slices.Sort(sorted)
	return float32(sorted[(n*p+99)/100-1]) / 1000
}

// Sample is one value of each series of the history. The durations are means of the step in
// milliseconds, and have no meaning if Requests is 0.
type Sample struct {
	number                     int64 // of the step since 1970; 0 if there is no sample
	Running, Queued, Cells     int32
	Requests, Errors           uint32 // in the step
	Refused, Timeouts          uint32 // in the step
	Memory                     uint64
	BudgetUsed                 int64
	Queue, Cell, Run, Copy     float32
	Median, Percentile99, Busy float32 // of the whole calls; Busy is the time in cells per second
}

// history is a ring of samples.
type history struct {
	samples     [steps]Sample
	first, last int64  // numbers of the first and the last sample; 0 if there is none
	before      Gauges // at the last sample
}

func numberOf(t time.Time) int64 { return t.Unix() / int64(Step/time.Second) }

// add adds the sample of a step. A second sample of the same step replaces the first, and their
// counters are added.
func (h *history) add(now time.Time, g Gauges, s *step) {
	sample := newSample(numberOf(now), g, s)
	if h.first != 0 { // counters since the start of the server are not those of a step
		sample.Refused, sample.Timeouts = difference(g.Refused, h.before.Refused), difference(g.Timeouts, h.before.Timeouts)
	}
	h.before = g
	switch {
	case sample.number < h.last-maxBackwards: // the clock was set back
		*h = history{before: g}
	case sample.number < h.last:
		sample.number = h.last
	}
	at := &h.samples[sample.number%steps]
	if at.number == sample.number {
		sample.Requests, sample.Errors = sample.Requests+at.Requests, sample.Errors+at.Errors
		sample.Refused, sample.Timeouts = sample.Refused+at.Refused, sample.Timeouts+at.Timeouts
	}
	*at = sample
	if h.last = sample.number; h.first == 0 {
		h.first = sample.number
	}
}

// difference returns the growth of a counter, or 0 if it went backwards.
func difference(now, before uint64) uint32 {
	if now < before {
		return 0
	}
	return uint32(min(now-before, 1<<32-1))
}

func newSample(number int64, g Gauges, s *step) Sample {
	sample := Sample{
		number: number, Running: int32(g.Running), Queued: int32(g.Waiting), Cells: int32(g.Slots), Memory: g.Memory, BudgetUsed: g.BudgetUsed,
		Requests: uint32(min(s.calls, 1<<32-1)), Errors: uint32(min(s.failures, 1<<32-1)),
		Busy: float32((s.cell + s.run + s.copy).Seconds() / Step.Seconds()),
	}
	if s.calls > 0 {
		mean := func(sum time.Duration) float32 { return float32(sum.Seconds() * 1000 / float64(s.calls)) }
		sample.Queue, sample.Cell, sample.Run, sample.Copy = mean(s.queue), mean(s.cell), mean(s.run), mean(s.copy)
		sample.Median, sample.Percentile99 = s.percentile(50), s.percentile(99)
	}
	return sample
}

// History is a copy of the history. Samples that are missing, because the server did not get to
// run, are nil.
type History struct {
	From    time.Time // of the first sample
	Samples []*Sample
}

func (h *history) copy(now time.Time) History {
	if h.first == 0 {
		return History{From: now.UTC().Truncate(Step)}
	}
	begin := max(h.first, h.last-steps+1)
	out := History{From: time.Unix(begin*int64(Step/time.Second), 0).UTC()}
	copies := make([]Sample, h.last-begin+1)
	for number := begin; number <= h.last; number++ {
		at := h.samples[number%steps]
		if at.number != number {
			out.Samples = append(out.Samples, nil)
			continue
		}
		copies[number-begin] = at
		out.Samples = append(out.Samples, &copies[number-begin])
	}
	return out
}
