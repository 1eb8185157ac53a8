// Package cli has the commands of the program: their flags, help texts and exit codes.
//
// An App is one run of the program with all that it touches: arguments, streams, environment,
// signals. Each command is a file with one function that makes the cobra command and one that does
// its work.
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
	"tabcell/cmd/tabcell/internal/term"

	"github.com/rs/zerolog"
)

// Main runs the program with the arguments, streams and environment of the process, and returns the exit code.
func Main() int {
	// A running guest holds its P. With as many Ps as guests, a timer or GET /info waits 12-19 ms for one; with twice as many it does
	// not, since guests are bound to the cores by Places.
	if os.Getenv("GOMAXPROCS") == "" {
		goruntime.GOMAXPROCS(2 * goruntime.GOMAXPROCS(0))
	}
	zerolog.TimeFieldFormat = "2006-01-02T15:04:05.000Z07:00" // one for all loggers
	signals := make(chan os.Signal, 2)                        // a second one must not be lost
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	a := &App{
		Args: os.Args, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Environ: os.Environ(), Signals: signals, Terminal: term.IsTerminal(os.Stderr), Start: server.StartGuests,
	}
	return a.Run()
}

// App is one run of the program. Commands use what is here, never the os package's globals.
type App struct {
	Args     []string // with the name of the program
	Stdin    io.Reader
	Stdout   io.Writer
	Stderr   io.Writer
	Environ  []string // NAME=VALUE
	Signals  <-chan os.Signal
	Terminal bool // somebody is watching stderr
	Start    server.StartFunc

	parsed bool // the command line was understood
}

// variable is an environment variable of this run.
func (a *App) getenv(name string) string {
	for _, pair := range a.Environ {
		if value, ok := strings.CutPrefix(pair, name+"="); ok {
			return value
		}
	}
	return ""
}

// printJSON is for programs, and for people who look at it: <, > and & stay as they are.
func (a *App) printJSON(v any) error {
	out := json.NewEncoder(a.Stdout)
	out.SetIndent("", "  ")
	out.SetEscapeHTML(false)
	return out.Encode(v)
}

// readText reads a file, or stdin for "-".
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

// signalContext is a context that ends with the first signal.
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
