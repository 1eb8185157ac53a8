package cli

import (
	"bytes"
	"fmt"
	"io"
	"os"

	"tabcell/cmd/tabcell/internal/service"

	"github.com/rs/zerolog"
)

// runAsService runs the program under the Windows service manager, and returns the exit code.
func (a *App) runAsService() int {
	code, err := service.Run(a.runManaged)
	if err != nil {
		fmt.Fprintf(a.Stderr, "tabcell: the service manager does not control the program: %v\n", err)
		return exitFailed
	}
	return code
}

// runManaged runs the program as a service. A service has no standard streams; the message with
// which the program ends goes to the event log.
func (a *App) runManaged(signals <-chan os.Signal, n service.Notifier, events service.EventLog) int {
	var last lastMessage
	a.Signals, a.Service, a.Events = signals, n, events
	a.Stdin, a.Stdout, a.Stderr, a.Terminal = bytes.NewReader(nil), io.Discard, &last, false
	code := a.Run()
	if code != exitOK && last.text != "" {
		events.Error(last.text)
	}
	return code
}

// lastMessage keeps what App.report prints, and drops the log.
type lastMessage struct{ text string }

// Write implements io.Writer.
func (m *lastMessage) Write(p []byte) (int, error) {
	if bytes.HasPrefix(p, []byte("tabcell: ")) {
		m.text = string(p)
	}
	return len(p), nil
}

// eventReporter returns a function that passes warnings and errors to the log of the system, or nil
// if there is none.
func (a *App) eventReporter() func(zerolog.Level, string) {
	if a.Events == nil {
		return nil
	}
	return func(level zerolog.Level, message string) {
		if level == zerolog.WarnLevel {
			a.Events.Warning(message)
			return
		}
		a.Events.Error(message)
	}
}
