package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"syscall"

	"tabcell/cmd/tabcell/internal/server"
	"tabcell/runtime"
)

// The exit codes. TabPy exits with 1 for every error, so everything that keeps the server from
// starting has code 1 here, too.
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitLimit       = 3
	exitInterrupted = 130
)

// exitHelp ends the help texts of the commands.
const exitHelp = "\n\nThe exit code is 0 after success, and 2 for an invalid command line (`tabcell help exit-codes`)."

const exitCodesHelp = `Exit codes:
  0    success; for a server, it was stopped and finished the requests in progress
  1    the command, the script or the server failed, or doctor or config check found a problem
  2    the command line is invalid, or there is no such help topic
  3    run: the script exceeded a limit (time, memory, size of its response, sizes and files within
       its cell); the message names the limit, its value and the setting that changes it
  130  interrupted by a signal before the end

tabpy, tabpy-user and tabpy-deploy-models exit with 1 for every failure.`

// errInterrupted means that a signal ended the work early.
var errInterrupted = errors.New("interrupted")

// errReported means that the failure has been printed already.
var errReported = errors.New("reported")

// limits lists the errors of a script that exceeded a limit.
var limits = []error{runtime.ErrTimeout, runtime.ErrMemory, runtime.ErrOutput, runtime.ErrCellLimit}

// exitCode returns the exit code for err.
func exitCode(err error) int {
	var usage *usageError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &usage):
		return exitUsage
	case errors.Is(err, errInterrupted), errors.Is(err, server.ErrInterrupted), errors.Is(err, context.Canceled):
		return exitInterrupted
	case slices.ContainsFunc(limits, func(limit error) bool { return errors.Is(err, limit) }):
		return exitLimit
	}
	return exitFailed
}

// report prints err to stderr, unless it is nil or errReported, and returns its exit code.
func (a *App) report(err error) int {
	a.hideProgress() // of a start that did not end
	if err != nil && !errors.Is(err, errReported) {
		fmt.Fprintf(a.Stderr, "tabcell: %v%s\n", err, limitAdvice(err))
	}
	return exitCode(err)
}

// limitAdvice returns the end of the message of an error that a limit of the process caused, or "".
func limitAdvice(err error) string {
	switch {
	case errors.Is(err, syscall.EMFILE):
		return "; this process may not open more files: raise the limit (ulimit -n, systemd: LimitNOFILE=65536)"
	case errors.Is(err, syscall.ENOMEM):
		return "; this process gets no more memory or address space: raise the limits (ulimit -v, systemd: LimitAS= and MemoryMax=), " +
			"or lower TABCELL_CONCURRENCY and TABCELL_MEMORY_LIMIT_MB"
	}
	return ""
}
