package cli

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"tabcell/cmd/tabcell/internal/service"
	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/runtime"
	"tabcell/runtime/runtimetest"
	"tabcell/settings"
)

// eventList is an event log in memory.
type eventList struct {
	mu  sync.Mutex
	all []string
}

func (l *eventList) add(level, text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, level+": "+text)
}

func (l *eventList) Info(text string)    { l.add("info", text) }
func (l *eventList) Warning(text string) { l.add("warning", text) }
func (l *eventList) Error(text string)   { l.add("error", text) }

// has reports whether an event has the text.
func (l *eventList) has(text string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.ContainsFunc(l.all, func(event string) bool { return strings.Contains(event, text) })
}

// superviseApp runs the program as the Windows service manager does, with an engine that start
// makes. The service is stopped as soon as it is ready.
func superviseApp(t *testing.T, start func() (runtime.Evaluator, error), args ...string) (code int, reports []service.Report, events *eventList) {
	t.Helper()
	events = &eventList{}
	controls := make(chan service.Control, 1)
	a := &App{
		Args: append([]string{"tabcell"}, args...), Environ: []string{"HOME=" + t.TempDir()}, Reloads: make(chan os.Signal),
		Start: func(context.Context, settings.Settings, func(runtime.Progress)) (runtime.Evaluator, error) {
			return start()
		},
	}
	report := func(r service.Report) { reports = append(reports, r) }
	code = service.Supervise(controls, report, events, func(signals <-chan os.Signal, n service.Notifier) int {
		return a.runManaged(signals, stopWhenReady{n, controls}, events)
	})
	return code, reports, events
}

// stopWhenReady sends a stop when the server is ready.
type stopWhenReady struct {
	service.Notifier
	controls chan<- service.Control
}

func (s stopWhenReady) Ready() {
	s.Notifier.Ready()
	s.controls <- service.ControlStop
}

// TestServerAsService starts the server with the configuration that `tabcell service install`
// writes.
func TestServerAsService(t *testing.T) {
	root := t.TempDir()
	text := strings.ReplaceAll(service.Config(root), "TABPY_PORT = 9004", "TABPY_PORT = 0")
	if err := os.Mkdir(filepath.Join(root, "log"), 0o700); err != nil {
		t.Fatal(err)
	}
	config := testenv.WriteConfig(t, text)
	engine := &fakeEvaluator{FakeEngine: runtimetest.NewFakeEngine()}
	code, reports, events := superviseApp(t, func() (runtime.Evaluator, error) { return engine, nil }, "serve", "--config", config)
	if code != exitOK || engine.closed != 1 {
		t.Errorf("exit code %d, the engine was closed %d times; events %q", code, engine.closed, events.all)
	}
	states := map[service.State]bool{}
	for _, r := range reports {
		states[r.State] = true
	}
	if !states[service.StartPending] || !states[service.Running] || !states[service.StopPending] {
		t.Errorf("reports %+v", reports)
	}
	for _, text := range []string{"info: tabcell has started", "info: tabcell is ready", "info: tabcell stops", "info: tabcell has stopped"} {
		if !events.has(text) {
			t.Errorf("no event %q in %q", text, events.all)
		}
	}
	if log := testenv.ReadFile(t, filepath.Join(root, "log", "tabcell.log")); !strings.Contains(log, "Web service listening on port") {
		t.Errorf("the log file has\n%s", log)
	}
}

// TestServiceErrors checks that errors are events, and that they end the service with an exit code,
// for which the manager starts it again.
func TestServiceErrors(t *testing.T) {
	code, _, events := superviseApp(t, nil, "serve", "--config", testenv.WriteConfig(t, "[TabPy]\nTABPY_PORT = many\n"))
	if code != exitFailed || !events.has("error: tabcell: ") || !events.has("TABPY_PORT") {
		t.Errorf("invalid configuration: exit code %d, events %q", code, events.all)
	}
	failing := func() (runtime.Evaluator, error) { return nil, errors.New("no executable memory") }
	code, _, events = superviseApp(t, failing, "serve", "--port", "0")
	if code != exitFailed || !events.has("no executable memory") {
		t.Errorf("a guest that cannot be started: exit code %d, events %q", code, events.all)
	}
}

// noManager is a service manager without the service.
type noManager struct {
	service.Manager
	created *service.Definition
}

func (m *noManager) Query() (service.Status, error)    { return service.Status{}, service.ErrNotInstalled }
func (m *noManager) Create(d service.Definition) error { m.created = &d; return nil }
func (m *noManager) AddEvents() error                  { return nil }
func (m *noManager) Protect(string, string) error      { return nil }
func (m *noManager) Close() error                      { return nil }

// TestServiceInstallCommand installs the service with each kind of configuration.
func TestServiceInstallCommand(t *testing.T) {
	data := t.TempDir()
	valid := testenv.WriteConfig(t, "[TabPy]\nTABPY_PORT = 9005\n")
	for _, c := range []struct {
		args   []string
		code   int
		config string // of the definition
		stderr string
	}{
		{nil, exitOK, filepath.Join(data, "tabcell", "tabcell.conf"), ""},
		{[]string{"--config", valid}, exitOK, valid, ""},
		{[]string{"--config", testenv.WriteConfig(t, "[TabPy]\nTABPY_PORT = many\n")}, exitFailed, "", "TABPY_PORT"},
		{[]string{"--config", filepath.Join(data, "none.conf")}, exitFailed, "", "none.conf"},
		{[]string{"now"}, exitUsage, "", "unexpected argument"},
	} {
		m, stdout, stderr := &noManager{}, testenv.NewOutput(), testenv.NewOutput()
		a := &App{
			Args: append([]string{"tabcell", "service", "install"}, c.args...), Environ: []string{"ProgramData=" + data}, Stdout: stdout, Stderr: stderr,
			Manager: func() (service.Manager, error) { return m, nil },
		}
		if code := a.Run(); code != c.code || !strings.Contains(stderr.String(), c.stderr) {
			t.Errorf("%v: exit code %d\n%s", c.args, code, stderr)
		}
		if installed := m.created != nil; installed != (c.config != "") || installed && !slices.Equal(m.created.Args, []string{"serve", "--config", c.config}) {
			t.Errorf("%v: installed %+v", c.args, m.created)
		}
	}
}

// TestServiceScripts checks that the scripts and the package for Windows use commands that exist.
func TestServiceScripts(t *testing.T) {
	root := (&App{Args: []string{"tabcell"}, Stdout: io.Discard, Stderr: io.Discard}).rootCommand()
	use := regexp.MustCompile(`tabcell\.exe" (service \w+)|ExeCommand="([^"]+)"`)
	for name, count := range map[string]int{"install.cmd": 3, "remove.cmd": 1, "tabcell.wxs": 3} {
		commands := use.FindAllStringSubmatch(testenv.ReadFile(t, testenv.File("assets/install/windows/"+name)), -1)
		if len(commands) != count {
			t.Errorf("%s has the commands %q, want %d", name, commands, count)
		}
		for _, found := range commands {
			words := strings.Fields(found[1] + found[2])
			if cmd, rest, err := root.Find(words); err != nil || len(rest) > 0 || cmd.Name() != words[1] {
				t.Errorf("%s: there is no command %q", name, words)
			}
		}
	}
}
