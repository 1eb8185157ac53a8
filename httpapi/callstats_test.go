package httpapi

import (
	"testing"
	"time"
)

func TestCallStats(t *testing.T) {
	var s callStats
	if median, maximum := s.medianAndMax(); median != 0 || maximum != 0 {
		t.Errorf("without calls: median %v, maximum %v", median, maximum)
	}
	for i := range 400 {
		s.add(time.Duration(i)*time.Millisecond, i%10 == 0, s.last)
	}
	if median, maximum := s.medianAndMax(); s.calls != 400 || s.failures != 40 || milliseconds(median) != 272 || milliseconds(maximum) != 399 {
		t.Errorf("%d calls, %d failures, median %v, maximum %v", s.calls, s.failures, median, maximum)
	}
	if p50, p99 := s.percentiles(); milliseconds(p50) != 271 || milliseconds(p99) != 397 {
		t.Errorf("percentiles %v and %v", p50, p99)
	}
}

func TestCallStatsOfFewCalls(t *testing.T) {
	var s callStats
	if p50, p99 := s.percentiles(); p50 != 0 || p99 != 0 {
		t.Errorf("without calls: %v and %v", p50, p99)
	}
	s.add(100*time.Hour, false, s.last)
	s.add(time.Millisecond, false, s.last)
	if p50, p99 := s.percentiles(); p50 != time.Millisecond || p99.Minutes() < 71 {
		t.Errorf("of two calls: %v and %v", p50, p99)
	}
}
