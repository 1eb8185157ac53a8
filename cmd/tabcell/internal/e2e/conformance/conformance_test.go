// Package conformance compares the whole program with recordings of TabPy.
package conformance

import (
	"errors"
	"io"
	"os"
	"slices"
	"testing"
	"time"

	"tabcell/assets"
	"tabcell/cmd/tabcell/internal/cli"
	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/httpapi/tck"
	"tabcell/runtime/runtimetest"
)

// TestConformance replays the recorded requests and compares the responses with those of TabPy
// 2.16. The servers read the recorded configuration files unchanged.
func TestConformance(t *testing.T) {
	if slices.ContainsFunc(tck.SelectedGroups(), needsFullGuest) {
		harness.Full(t) // compiled before a case waits for it
	}
	tck.Run(t, tck.Target{Start: startServer, RunUntilExit: runUntilExit, Gaps: tck.Gaps})
}

// needsFullGuest reports whether a group has scripts for the large guest.
func needsFullGuest(group string) bool {
	cases, _ := tck.Load(group) // tck.Run reports the error
	return slices.ContainsFunc(cases, func(c tck.Case) bool {
		return slices.ContainsFunc(c.Needs, func(library string) bool { return slices.Contains(assets.FullOnly(), library) })
	})
}

// newServer returns a server with the given specification, and the program that runs it in this
// process. Apart from the log format, its environment is that of the specification.
func newServer(t testing.TB, s tck.ServerSpec) (*harness.Server, *cli.App) {
	t.Helper()
	server := harness.NewServer(t, s.URL())
	environ := append(s.Env, "TABCELL_LOG_FORMAT=text")
	return server, server.App(harness.Router, io.MultiWriter(server.Log, s.Output), testenv.WriteConfig(t, s.ConfigText), environ...)
}

func startServer(t testing.TB, s tck.ServerSpec) (string, func()) {
	t.Helper()
	server, app := newServer(t, s)
	server.Run(app)
	return server.URL, server.Stop
}

// runUntilExit runs a server that is expected to exit by itself, and returns its exit code.
func runUntilExit(t testing.TB, s tck.ServerSpec) (int, error) {
	t.Helper()
	server, app := newServer(t, s)
	go func() { server.Ended <- app.Run() }()
	select {
	case code := <-server.Ended:
		return code, nil
	case <-time.After(testenv.Scaled(20 * time.Second)):
		server.Signals <- os.Interrupt
		<-server.Ended
		return 0, errors.New("the server did not exit")
	}
}

// TestEngineContract checks that the real engine fulfils the contract of the fake engine that the
// tests of httpapi use.
func TestEngineContract(t *testing.T) { runtimetest.Contract(t, harness.Core(t)) }
