// Package cli has the commands of the program: their flags, help texts and exit codes.
//
// An App is one run of the program with all that it touches: arguments, streams, environment,
// signals. Each command is a file with one function that makes the cobra command and one that does
// its work.
package cli

import (
	"io"
	"os"
	"os/signal"
	goruntime "runtime"
	"syscall"

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
