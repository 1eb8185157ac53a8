package httpapi

import (
	"testing"
	"time"
)

func TestCallStats(t *testing.T) {
	var r callStats
	if median, maximum := r.medianAndMax(); median != 0 || maximum != 0 {
		t.Errorf("without calls: median %v, maximum %v", median, maximum)
	}
	for i := range 200 {
		r.add(time.Duration(i)*time.Millisecond, i%10 == 0, r.last)
	}
	if median, maximum := r.medianAndMax(); r.calls != 200 || r.failures != 20 || milliseconds(median) != 168 || milliseconds(maximum) != 199 {
		t.Errorf("%d calls, %d failures, median %v, maximum %v", r.calls, r.failures, median, maximum)
	}
}
