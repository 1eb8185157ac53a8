// Package conformance compares the whole program with recordings of TabPy.
package conformance

import (
	"errors"
	"io"
	"os"
	"slices"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/cli"
	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/cmd/tabcell/internal/server"
	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/httpapi/tck"
	"tabcell/runtime/runtimetest"
)

// TestConformance replays what TabPy 2.16 answered, through the front door: the configuration file is read as it is.
func TestConformance(t *testing.T) {
	if slices.ContainsFunc(tck.SelectedGroups(), needsFullGuest) {
		harness.Full(t) // compiled before a case waits for it
	}
	tck.Run(t, tck.Target{Start: startMeasured, RunUntilExit: endMeasured, Gaps: tck.Gaps})
}

// needsFullGuest tells whether a group has scripts for the large guest.
func needsFullGuest(group string) bool {
	cases, _ := tck.Load(group) // Run says what is wrong with it
	return slices.ContainsFunc(cases, func(c tck.Case) bool {
		return slices.ContainsFunc(c.Needs, func(library string) bool { return slices.Contains(server.FullOnly, library) })
	})
}

// underTest is the server that the kit asks for, in this process: its environment is what the kit gives it and nothing else.
func underTest(t testing.TB, s tck.ServerSpec) (*harness.Server, *cli.App) {
	t.Helper()
	server := harness.NewServer(t, s.URL())
	environ := append(s.Env, "TABCELL_LOG_FORMAT=text")
	return server, server.App(harness.Router, io.MultiWriter(server.Log, s.Output), testenv.WriteConfig(t, s.ConfigText), environ...)
}

func startMeasured(t testing.TB, s tck.ServerSpec) (string, func()) {
	t.Helper()
	server, f := underTest(t, s)
	server.Run(f)
	return server.URL, server.Stop
}

func endMeasured(t testing.TB, s tck.ServerSpec) (int, error) {
	t.Helper()
	server, f := underTest(t, s)
	go func() { server.Ended <- f.Run() }()
	select {
	case code := <-server.Ended:
		return code, nil
	case <-time.After(testenv.Scaled(20 * time.Second)):
		server.Signals <- os.Interrupt
		<-server.Ended
		return 0, errors.New("the server goes on")
	}
}

// TestEngineContract: the real engine keeps what httpapi's stand-in keeps.
func TestEngineContract(t *testing.T) { runtimetest.Contract(t, harness.Core(t)) }
