package httpapi

import (
	"testing"
	"time"
)

func TestCallStats(t *testing.T) {
	var r callStats
	if median, longest := r.medianAndMax(); median != 0 || longest != 0 {
		t.Errorf("%v %v", median, longest)
	}
	for i := range 200 {
		r.add(time.Duration(i)*time.Millisecond, i%10 == 0, r.last)
	}
	if median, longest := r.medianAndMax(); r.calls != 200 || r.failures != 20 || milliseconds(median) != 168 || milliseconds(longest) != 199 {
		t.Errorf("%d calls, %d failures, median %v, longest %v", r.calls, r.failures, median, longest)
	}
}
