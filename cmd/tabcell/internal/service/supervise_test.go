package service

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// fakeSystem records the reports and the events of a service.
type fakeSystem struct {
	mu      sync.Mutex
	reports []Report
	events  []string
}

func (f *fakeSystem) report(r Report) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reports = append(f.reports, r)
}

func (f *fakeSystem) add(level, text string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.events = append(f.events, level+": "+text)
}

func (f *fakeSystem) Info(text string)    { f.add("info", text) }
func (f *fakeSystem) Warning(text string) { f.add("warning", text) }
func (f *fakeSystem) Error(text string)   { f.add("error", text) }

// states returns the reported states without repetitions.
func (f *fakeSystem) states() string {
	var names []string
	for _, r := range f.reports {
		names = append(names, r.State.String())
	}
	return strings.Join(slices.Compact(names), " ")
}

// wantAlive checks that no time between two reports of a pending state exceeds the hint, which the
// ticks guarantee if each of them has made a report, and that the check points grow.
func (f *fakeSystem) wantAlive(t *testing.T, state State, atLeast int) {
	t.Helper()
	n, last := 0, uint32(0)
	for _, r := range f.reports {
		if r.State != state {
			continue
		}
		if n++; r.CheckPoint <= last || r.WaitHint <= reportInterval {
			t.Errorf("report %+v after check point %d", r, last)
		}
		last = r.CheckPoint
	}
	if n < atLeast {
		t.Errorf("%d reports while %s, want at least %d", n, state, atLeast)
	}
}

// TestSupervise starts a server slowly, and stops it with each control.
func TestSupervise(t *testing.T) {
	for control, want := range map[Control]int{
		ControlStop:        1, // signals
		ControlPreShutdown: 1,
		ControlShutdown:    2,
	} {
		synctest.Test(t, func(t *testing.T) {
			f, controls, got := &fakeSystem{}, make(chan Control), 0
			go func() {
				time.Sleep(time.Minute + time.Second)
				for _, c := range []Control{ControlInterrogate, control, control, 99} { // a repeated control changes nothing
					controls <- c
				}
			}()
			code := Supervise(controls, f.report, f, func(signals <-chan os.Signal, n Notifier) int {
				time.Sleep(30 * time.Second) // before it listens
				n.Status("preparing")
				n.Status("preparing: 50 %")
				time.Sleep(10 * time.Second)
				n.Ready()
				<-signals
				got++
				n.Stopping(31 * time.Second)
				select { // the requests in progress
				case <-signals:
					got++
				case <-time.After(20 * time.Second):
				}
				return 0
			})
			if code != 0 || got != want {
				t.Errorf("control %d: exit code %d, %d signals; want %d", control, code, got, want)
			}
			if states := f.states(); states != "starting running stopping" {
				t.Errorf("states: %s", states)
			}
			f.wantAlive(t, StartPending, 14)
			f.wantAlive(t, StopPending, map[int]int{1: 10, 2: 2}[want])
			events := strings.Join(f.events, "\n")
			for _, text := range []string{"info: tabcell has started", "info: tabcell is ready", "info: tabcell stops; it finishes the requests in progress within 31s", "info: tabcell has stopped"} {
				if strings.Count(events, text) != 1 {
					t.Errorf("the event %q is not there once:\n%s", text, events)
				}
			}
		})
	}
}

// TestSuperviseFailure runs servers that end on their own.
func TestSuperviseFailure(t *testing.T) {
	for name, c := range map[string]struct {
		run    func(<-chan os.Signal, Notifier) int
		states string
	}{
		"invalid configuration": {func(<-chan os.Signal, Notifier) int { return 1 }, "starting"},
		"guest cannot be started": {func(_ <-chan os.Signal, n Notifier) int {
			n.Status("preparing")
			n.Stopping(time.Second)
			return 1
		}, "starting running stopping"},
	} {
		f := &fakeSystem{}
		if code := Supervise(nil, f.report, f, c.run); code != 1 || f.states() != c.states {
			t.Errorf("%s: exit code %d, states %s", name, code, f.states())
		}
		if last := f.events[len(f.events)-1]; last != "error: tabcell has ended with the exit code 1; its log has the reason" {
			t.Errorf("%s: last event %q", name, last)
		}
	}
}

// TestControlDuringStart stops a server before it listens.
func TestControlDuringStart(t *testing.T) {
	f, controls := &fakeSystem{}, make(chan Control, 1)
	controls <- ControlStop
	Supervise(controls, f.report, f, func(signals <-chan os.Signal, n Notifier) int {
		<-signals
		n.Status("too late")
		return 0
	})
	if got := f.states(); got != "starting stopping" {
		t.Errorf("states: %s", got)
	}
	if text := fmt.Sprint(f.events); strings.Contains(text, "has started") {
		t.Errorf("events: %s", text)
	}
}
