package snapshot

import (
	"testing"
	"testing/synctest"
	"time"
)

// meterRun is a start of a guest with 100 MB of code on two of four processors, on a machine on
// which a unit of work takes one second: 4.2 s, 23.5 s, 3 s and 3 s.
func meterRun(run func(m *meter)) func(*testing.T) {
	return func(*testing.T) {
		m := newMeter(2, 4)
		m.rewritten(100e6, 4200*time.Millisecond)
		run(m)
	}
}

// wantEstimate compares an estimate, with one percent and one second of tolerance.
func wantEstimate(t *testing.T, m *meter, percent float64, left time.Duration) {
	t.Helper()
	fraction, got, ok := m.estimate()
	if d := fraction*100 - percent; !ok || d < -1 || d > 1 || (got-left).Abs() > time.Second {
		t.Errorf("%.1f %% and %v left, want %.1f %% and %v", fraction*100, got, percent, left)
	}
}

// TestMeterCounted counts the functions. The machine becomes twice as slow when they are compiled.
func TestMeterCounted(t *testing.T) {
	synctest.Test(t, meterRun(func(m *meter) {
		if _, _, ok := m.estimate(); ok {
			t.Error("an estimate before code is compiled")
		}
		m.compiling()
		wantEstimate(t, m, 12.5, 29500*time.Millisecond)
		for done := 5; done <= 95; done += 5 {
			time.Sleep(2350 * time.Millisecond) // twice 5 % of 23.5 s
			m.compiled(done, 100)
			work := 4.2 + 23.5*float64(done)/100
			wantEstimate(t, m, 100*work/33.7, time.Duration(2*(33.7-work)*float64(time.Second)))
		}
		m.compiled(100, 100)
		wantEstimate(t, m, 82.2, 12*time.Second)
		time.Sleep(6 * time.Second)
		m.booting()
		wantEstimate(t, m, 91.1, 6*time.Second)
	}))
}

// TestMeterUncounted has no counts. The estimate is that of the time, on a machine as fast as
// expected, and then on a slower one: the progress never goes back and never reaches the end.
func TestMeterUncounted(t *testing.T) {
	synctest.Test(t, meterRun(func(m *meter) {
		m.compiling()
		time.Sleep(11750 * time.Millisecond)
		wantEstimate(t, m, 47.3, 17750*time.Millisecond)
		last := 0.0
		for range 300 {
			time.Sleep(time.Second)
			fraction, left, _ := m.estimate()
			if fraction < last || fraction > 0.99 || left < time.Second {
				t.Fatalf("%.3f after %.3f, %v left", fraction, last, left)
			}
			last = fraction
		}
		m.booting()
		wantEstimate(t, m, 91.1, 39800*time.Millisecond) // a unit has taken 13.3 s
	}))
}

// TestMeterWithoutCompilation checks that a start from the cache has no estimates.
func TestMeterWithoutCompilation(t *testing.T) {
	m := newMeter(2, 4)
	m.booting()
	if _, _, ok := m.estimate(); ok {
		t.Error("an estimate for a start that does not compile")
	}
}

// TestReporter checks that reports come at intervals while there is something to estimate.
func TestReporter(t *testing.T) {
	synctest.Test(t, meterRun(func(m *meter) {
		var all []Progress
		r := newReporter(func(p Progress) { all = append(all, p) }, m)
		time.Sleep(10*reportInterval + reportInterval/2)
		m.compiling()
		r.begin("compile")
		time.Sleep(10 * reportInterval)
		r.done("compile", time.Minute)
		r.end()
		if len(all) != 12 || all[0].Step != "compile" || all[0].Done || all[11].Took != time.Minute {
			t.Fatalf("%d reports: %+v", len(all), all)
		}
		for i, p := range all[:11] {
			if p.Left == 0 || i > 0 && p.Fraction < all[i-1].Fraction {
				t.Errorf("report %d: %+v after %+v", i, p, all[max(0, i-1)])
			}
		}
	}))
}
