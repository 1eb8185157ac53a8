package service

import (
	"fmt"
	"os"
	"sync"
	"time"
)

// This file is the part of a Windows service that does not depend on Windows. run_windows.go
// connects it with the service manager.

// Control is a request of the Windows service manager, with its number.
type Control uint32

// The controls that a server understands.
const (
	ControlStop        Control = 1
	ControlInterrogate Control = 4
	ControlShutdown    Control = 5  // the system shuts down in a few seconds
	ControlPreShutdown Control = 15 // the system shuts down, after at most preShutdownTime
)

// State is a state of a Windows service, with its number.
type State uint32

// The states of a service.
const (
	Stopped      State = 1
	StartPending State = 2
	StopPending  State = 3
	Running      State = 4
)

// Report is the state of a service, as its manager wants to know it.
type Report struct {
	State State
	// CheckPoint grows with each report while the service starts or stops.
	CheckPoint uint32
	// WaitHint is the time until the next report while the service starts or stops.
	WaitHint time.Duration
}

const (
	reportInterval = 2 * time.Second // between two reports while the service starts or stops
	waitHint       = 10 * time.Second
	// shutdownTime is the time for the requests in progress when the system shuts down: by default,
	// Windows ends services after five seconds.
	shutdownTime = 3 * time.Second
)

// EventLog takes the few events that an administrator looks for in the system's own log. Its
// methods are safe for concurrent use.
type EventLog interface {
	Info(text string)
	Warning(text string)
	Error(text string)
}

// Supervise runs a server for the Windows service manager, and returns its exit code. run gets the
// signals that stop the server, and tells the Notifier about its state. Supervise passes the
// controls on as signals, and reports the state, also while nothing happens during a start or a
// stop: a manager takes a service that is silent for longer than its hint for stuck.
//
// The service runs as soon as the server listens, and not when scripts can run, because Windows can
// stop a service only when it runs.
func Supervise(controls <-chan Control, report func(Report), events EventLog, run func(<-chan os.Signal, Notifier) int) (code int) {
	s := &supervised{report: report, events: events, signals: make(chan os.Signal, 2)}
	s.enter(StartPending)
	ended := make(chan int, 1)
	go func() { ended <- run(s.signals, s) }()
	ticks := time.NewTicker(reportInterval)
	defer ticks.Stop()
	for {
		select {
		case c := <-controls:
			s.control(c)
		case <-ticks.C:
			s.tick()
		case code = <-ended:
			s.end(code)
			return code
		}
	}
}

// supervised is the state of a service. As a Notifier, it is told by the server.
type supervised struct {
	None
	report  func(Report)
	events  EventLog
	signals chan os.Signal // has room for the two that a server needs

	mu    sync.Mutex
	state Report
	timer *time.Timer // of the second signal; nil before a shutdown
}

// enter reports a new state. s.mu must be held, or s not be shared yet.
func (s *supervised) enter(state State) {
	s.state = Report{State: state}
	if state != Running {
		s.state.CheckPoint, s.state.WaitHint = 1, waitHint
	}
	s.report(s.state)
}

func (s *supervised) control(c Control) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch c {
	case ControlInterrogate:
		s.report(s.state)
	case ControlStop, ControlPreShutdown, ControlShutdown:
		if s.state.State == StopPending {
			return
		}
		s.enter(StopPending)
		s.signals <- os.Interrupt
		if c == ControlShutdown {
			s.timer = time.AfterFunc(shutdownTime, func() { s.signals <- os.Interrupt })
		}
	}
}

// tick reports that a start or a stop goes on.
func (s *supervised) tick() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state.State != Running {
		s.state.CheckPoint++
		s.report(s.state)
	}
}

// Status implements Notifier. A server describes its state for the first time when it listens.
func (s *supervised) Status(string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state.State == StartPending {
		s.enter(Running)
		s.events.Info("tabcell has started and listens; scripts run as soon as Python is ready")
	}
}

// Ready implements Notifier.
func (s *supervised) Ready() { s.events.Info("tabcell is ready: scripts can run") }

// Stopping implements Notifier. A server also stops on its own, if a part of it fails.
func (s *supervised) Stopping(limit time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state.State != StopPending {
		s.enter(StopPending)
	}
	s.events.Info(fmt.Sprintf("tabcell stops; it finishes the requests in progress within %v", limit.Round(time.Second)))
}

// end records the end of the server.
func (s *supervised) end(code int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.timer != nil {
		s.timer.Stop()
	}
	if code == 0 {
		s.events.Info("tabcell has stopped")
		return
	}
	s.events.Error(fmt.Sprintf("tabcell has ended with the exit code %d; its log has the reason", code))
}
