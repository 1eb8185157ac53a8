// Package cli has the commands of the program: their flags, help texts and exit codes.
//
// An App is one run of the program with all that it touches: arguments, streams, environment,
// signals. Each command is a file with one function that makes the cobra command and one that does
// its work.
package main

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

// mainCode runs the program with the arguments, streams and environment of the process, and returns the exit code.
func mainCode() int {
	// A running guest holds its P. With as many Ps as guests, a timer or GET /info waits 12-19 ms for one; with twice as many it does
	// not, since guests are bound to the cores by Places.
	if os.Getenv("GOMAXPROCS") == "" {
		goruntime.GOMAXPROCS(2 * goruntime.GOMAXPROCS(0))
	}
	zerolog.TimeFieldFormat = "2006-01-02T15:04:05.000Z07:00" // one for all loggers
	signals := make(chan os.Signal, 2)                        // a second one must not be lost
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	f := &front{
		args: os.Args, stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr,
		environ: os.Environ(), signals: signals, terminal: term.IsTerminal(os.Stderr), start: server.StartGuests,
	}
	return f.run()
}

// front is one run of the program. Commands use what is here, never the os package's globals.
type front struct {
	args     []string // with the name of the program
	stdin    io.Reader
	stdout   io.Writer
	stderr   io.Writer
	environ  []string // NAME=VALUE
	signals  <-chan os.Signal
	terminal bool // somebody is watching stderr
	start    server.StartFunc

	parsed bool // the command line was understood
}
