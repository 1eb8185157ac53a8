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
	for i := range 200 {
		s.add(time.Duration(i)*time.Millisecond, i%10 == 0, s.last)
	}
	if median, maximum := s.medianAndMax(); s.calls != 200 || s.failures != 20 || milliseconds(median) != 168 || milliseconds(maximum) != 199 {
		t.Errorf("%d calls, %d failures, median %v, maximum %v", s.calls, s.failures, median, maximum)
	}
}
