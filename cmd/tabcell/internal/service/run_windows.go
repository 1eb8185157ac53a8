package service

import (
	"os"

	"golang.org/x/sys/windows/svc"
	"golang.org/x/sys/windows/svc/eventlog"
)

// IsManaged reports whether the Windows service manager has started the process.
func IsManaged() bool {
	managed, err := svc.IsWindowsService()
	return err == nil && managed
}

// Run runs a server for the service manager that has started the process, and returns the exit code
// of run.
func Run(run func(<-chan os.Signal, Notifier, EventLog) int) (code int, err error) {
	h := &handler{run: run, events: noEvents{}}
	if log, err := eventlog.Open(Name); err == nil { // without its source, the service runs nevertheless
		defer log.Close()
		h.events = systemLog{log}
	}
	err = svc.Run(Name, h)
	return h.code, err
}

// handler implements svc.Handler.
type handler struct {
	run    func(<-chan os.Signal, Notifier, EventLog) int
	events EventLog
	code   int
}

// Execute implements svc.Handler.
func (h *handler) Execute(_ []string, requests <-chan svc.ChangeRequest, status chan<- svc.Status) (specific bool, code uint32) {
	controls, ended := make(chan Control), make(chan struct{})
	defer close(ended)
	go func() {
		for r := range requests {
			select {
			case controls <- Control(r.Cmd):
			case <-ended:
				return
			}
		}
	}()
	h.code = Supervise(controls, func(r Report) { status <- statusOf(r) }, h.events, func(signals <-chan os.Signal, n Notifier) int {
		return h.run(signals, n, h.events)
	})
	return h.code != 0, uint32(h.code)
}

func statusOf(r Report) svc.Status {
	s := svc.Status{State: svc.State(r.State), CheckPoint: r.CheckPoint, WaitHint: uint32(r.WaitHint.Milliseconds())}
	if r.State == Running {
		s.Accepts = svc.AcceptStop | svc.AcceptShutdown | svc.AcceptPreShutdown
	}
	return s
}

// systemLog is the event log of Windows. Its errors have no place to go.
type systemLog struct{ log *eventlog.Log }

// The numbers of events: one for each level, so that they can be filtered.
const (
	infoEvent    = 1
	warningEvent = 2
	errorEvent   = 3
)

// Info implements EventLog.
func (l systemLog) Info(text string) { _ = l.log.Info(infoEvent, text) }

// Warning implements EventLog.
func (l systemLog) Warning(text string) { _ = l.log.Warning(warningEvent, text) }

// Error implements EventLog.
func (l systemLog) Error(text string) { _ = l.log.Error(errorEvent, text) }

// noEvents is the EventLog of a service without a source of events.
type noEvents struct{}

func (noEvents) Info(string)    {}
func (noEvents) Warning(string) {}
func (noEvents) Error(string)   {}
