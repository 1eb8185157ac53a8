package testenv

import (
	"testing"
	"time"
)

func TestScaledIsBounded(t *testing.T) {
	d := Scaled(time.Second)
	t.Logf("one second is scaled to %v", d)
	if d < time.Second || d > maxSlowness*time.Second {
		t.Errorf("one second is scaled to %v, want from 1 s to %d s", d, maxSlowness)
	}
	for slowness, want := range map[float64]float64{0.2: 1, 1: 1, 7.5: 7.5, 1000: maxSlowness} {
		if got := bounded(slowness); got != want {
			t.Errorf("slowness %g is bounded to %g, want %g", slowness, got, want)
		}
	}
}
