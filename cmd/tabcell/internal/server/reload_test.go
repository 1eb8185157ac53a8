package server

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"

	svc "tabcell/cmd/tabcell/internal/service"
	"tabcell/settings"

	"github.com/rs/zerolog"
)

// fakeLog is a log that a reload can change.
type fakeLog struct {
	reopened, applied int
	err               error // of Prepare
}

func (l *fakeLog) Reopen() error { l.reopened++; return nil }

func (l *fakeLog) Prepare(string, *settings.Loaded) (func(), error) {
	return func() { l.applied++ }, l.err
}

// newReloadService returns a service that only reloads, and its log.
func newReloadService(t *testing.T) (*service, *bytes.Buffer) {
	t.Helper()
	var out bytes.Buffer
	return &service{loaded: load(t, ""), log: zerolog.New(&out), manager: svc.None{}}, &out
}

// TestReloadOn checks that each signal causes a reload, until the terminal is gone or the server
// stops.
func TestReloadOn(t *testing.T) {
	for _, end := range []string{"terminal", "stop"} {
		synctest.Test(t, func(t *testing.T) {
			s, out := newReloadService(t)
			log, signals, hungUp, done := &fakeLog{}, make(chan os.Signal), make(chan struct{}), make(chan struct{})
			ctx, stop := context.WithCancel(context.Background())
			defer stop()
			gone := false
			go func() {
				s.reloadOn(ctx, ReloadOptions{Signals: signals, Log: log, HungUp: func() bool { return gone }}, hungUp)
				close(done)
			}()
			for n := 1; n <= 2; n++ {
				signals <- os.Interrupt
				synctest.Wait()
				if got := strings.Count(out.String(), "the configuration and its files were reloaded"); got != n || log.reopened != n || log.applied != n {
					t.Errorf("signal %d: %d reloads, %d of the log:\n%s", n, got, log.reopened, out)
				}
			}
			if end == "stop" {
				stop()
			} else {
				gone = true
				signals <- os.Interrupt
				<-hungUp
			}
			<-done
			if log.reopened != 2 {
				t.Errorf("%s: a reload instead of the end", end)
			}
		})
	}
}

// TestFailedReload checks that a failure changes nothing but the log files, and names the cause.
func TestFailedReload(t *testing.T) {
	s, out := newReloadService(t)
	before := s.loaded
	log := &fakeLog{err: &fs.PathError{Op: "open", Path: "x.log", Err: syscall.EACCES}}
	s.reload(ReloadOptions{Log: log})
	for _, want := range []string{"nothing has changed: open x.log: permission denied", "needs a restart", "TABCELL_CONFINE"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the log lacks %q:\n%s", want, out)
		}
	}
	if log.reopened != 1 || log.applied != 0 || s.loaded != before {
		t.Errorf("the failed reload changed something: %+v", log)
	}
}

// TestReloadNames checks that settings that need a restart are named until the restart, and that
// warnings of the previous configuration are not repeated.
func TestReloadNames(t *testing.T) {
	s, out := newReloadService(t)
	o := ReloadOptions{Log: &fakeLog{}, Sources: settings.Sources{Environ: []string{"TABCELL_QUEUE=7", "TABCELL_LOG_LEVEL=debug", "TABCELL_EVALUATE_TIMOUT=1"}}}
	for n, want := range []string{`"changed":["TABCELL_LOG_LEVEL"]`, ""} {
		out.Reset()
		s.reload(o)
		text := out.String()
		if !strings.Contains(text, `"settings":["TABCELL_QUEUE"]`) || !strings.Contains(text, want) || want == "" && strings.Contains(text, "changed\":[") {
			t.Errorf("reload %d:\n%s", n+1, text)
		}
		if warned := strings.Contains(text, "there is no such setting"); warned != (n == 0) {
			t.Errorf("reload %d: warned %v:\n%s", n+1, warned, text)
		}
	}
	if s.loaded.Settings.Cells.Queue == 7 || s.loaded.Settings.Log.Level != "debug" {
		t.Errorf("the settings in effect are %+v", s.loaded.Settings)
	}
}
