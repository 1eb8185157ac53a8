package cli

import (
	"context"
	"errors"
	"fmt"

	"tabcell/cmd/tabcell/internal/server"
	"tabcell/runtime"
)

// The exit codes. TabPy ends with 1 whatever stopped it, so everything that keeps the server from starting is a 1 here, too.
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitLimit       = 3
	exitInterrupted = 130
)

const exitHelp = `

Exit codes:
  0    done; a server was stopped and had finished what it was doing
  1    the script failed, the server could not start or go on, or doctor or config check found a fault
  2    the command line cannot be understood
  3    run: the script was ended by its limit of time, memory or output
  130  interrupted before the end`

// errInterrupted is a signal that ended the work before its end.
var errInterrupted = errors.New("interrupted")

// errReported is a failure that has been reported already.
var errReported = errors.New("reported")

func exitCode(err error) int {
	var usage *usageError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &usage):
		return exitUsage
	case errors.Is(err, errInterrupted), errors.Is(err, server.ErrInterrupted), errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.Is(err, runtime.ErrTimeout), errors.Is(err, runtime.ErrMemory), errors.Is(err, runtime.ErrOutput):
		return exitLimit
	}
	return exitFailed
}

// report says on stderr what went wrong, once, and returns the exit code.
func (a *App) report(err error) int {
	if err != nil && !errors.Is(err, errReported) {
		fmt.Fprintf(a.Stderr, "tabcell: %v\n", err)
	}
	return exitCode(err)
}
