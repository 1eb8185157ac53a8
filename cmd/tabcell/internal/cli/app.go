// Package cli contains the commands of the program, with their flags, help texts and exit codes.
//
// Each command has a file with two functions: one returns the cobra command, the other does the
// work. The commands are methods of App, which holds everything that a run of the program shares
// with the process: arguments, streams, environment and signals. Tests run an App of their own.
package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
	goruntime "runtime"
	"strings"
	"syscall"
	"unicode/utf8"

	"tabcell/cmd/tabcell/internal/server"
	"tabcell/cmd/tabcell/internal/service"
	"tabcell/cmd/tabcell/internal/term"

	"github.com/rs/zerolog"
)

// Main runs the program with the arguments, streams and environment of the process, and returns the
// exit code.
func Main() int {
	// A running guest occupies one of the Go scheduler's processors (P). With as many processors as
	// guests, a timer or GET /info waits 12-19 ms for one. With twice as many it does not wait. The
	// number of running guests stays at the number of cores, because TABCELL_CONCURRENCY limits it.
	if os.Getenv("GOMAXPROCS") == "" {
		goruntime.GOMAXPROCS(2 * goruntime.GOMAXPROCS(0))
	}
	zerolog.TimeFieldFormat = "2006-01-02T15:04:05.000Z07:00" // of all loggers
	signals := make(chan os.Signal, 2)                        // a second signal must not be lost
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	a := &App{
		Args: os.Args, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Environ: os.Environ(), Signals: signals, Terminal: term.IsTerminal(os.Stderr), Start: server.StartGuests, Confine: true,
	}
	if service.IsManaged() {
		return a.runAsService()
	}
	return a.Run()
}

// App is one run of the program. Its commands use these fields in place of the globals of package
// os.
type App struct {
	Args     []string // including the name of the program
	Stdin    io.Reader
	Stdout   io.Writer
	Stderr   io.Writer
	Environ  []string // each NAME=VALUE
	Signals  <-chan os.Signal
	Reloads  <-chan os.Signal // signals that reload the server; nil for those of the system
	Terminal bool             // whether Stderr is a terminal
	Start    server.StartFunc // starts the engine
	Confine  bool             // a server may give up rights of the process for good
	Service  service.Notifier // the service manager; nil for the one that the environment names
	Events   service.EventLog // the log of the system for warnings and errors; nil for none
	// Manager opens the Windows service manager; nil for that of the system.
	Manager func() (service.Manager, error)

	parsed   bool             // whether the command line was parsed without an error
	misspelt error            // of an unknown command with --help, which cobra ends without an error
	progress *term.StatusLine // nil before it is used
}

// getenv returns the value of an environment variable, or "" if it is not set.
func (a *App) getenv(name string) string {
	for _, pair := range a.Environ {
		if value, ok := strings.CutPrefix(pair, name+"="); ok {
			return value
		}
	}
	return ""
}

// printJSON prints v as indented JSON. It does not escape <, > and &, so that people can read it.
func (a *App) printJSON(v any) error {
	out := json.NewEncoder(a.Stdout)
	out.SetIndent("", "  ")
	out.SetEscapeHTML(false)
	return out.Encode(v)
}

// readText reads a UTF-8 file, or stdin if path is "-". It drops a byte order mark.
func (a *App) readText(path string) (string, error) {
	var raw []byte
	var err error
	if path == "-" {
		raw, err = io.ReadAll(a.Stdin)
	} else {
		raw, err = os.ReadFile(path)
	}
	if err != nil {
		return "", err
	}
	if !utf8.Valid(raw) {
		return "", fmt.Errorf("%s is not UTF-8 text", path)
	}
	return strings.TrimPrefix(string(raw), "\ufeff"), nil
}

// signalContext returns a context that is canceled by the first signal.
func (a *App) signalContext() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(context.Background())
	go func() {
		select {
		case <-a.Signals:
			cancel(errInterrupted)
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(nil) }
}
