package service

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
)

// fakeManager is a service manager in memory. Each query of a pending state ends it.
type fakeManager struct {
	installed *Definition
	state     State
	exitCode  uint32
	events    bool
	rights    map[string]string
	fail      map[string]error // by method
	crash     bool             // the service ends during its start
}

func newFakeManager() *fakeManager {
	return &fakeManager{state: Stopped, rights: map[string]string{}, fail: map[string]error{}}
}

func (m *fakeManager) Create(d Definition) error {
	if m.installed != nil {
		return errors.New("it exists")
	}
	m.installed = &d
	return m.fail["Create"]
}

func (m *fakeManager) Update(d Definition) error {
	m.installed = &d
	return nil
}

func (m *fakeManager) Query() (Status, error) {
	if m.installed == nil {
		return Status{}, ErrNotInstalled
	}
	s := Status{State: m.state, ExitCode: m.exitCode, Account: Account, Command: strings.Join(append([]string{m.installed.Program}, m.installed.Args...), " ")}
	switch {
	case m.state == StartPending && m.crash:
		m.state, m.exitCode = Stopped, 1
	case m.state == StartPending:
		m.state = Running
	case m.state == StopPending:
		m.state = Stopped
	case m.state == Running:
		s.Process = 42
	}
	return s, m.fail["Query"]
}

func (m *fakeManager) Start() error { m.state = StartPending; return m.fail["Start"] }

func (m *fakeManager) Stop() error { m.state = StopPending; return m.fail["Stop"] }

func (m *fakeManager) Delete() error {
	if m.installed == nil {
		return ErrNotInstalled
	}
	m.installed = nil
	return nil
}

func (m *fakeManager) AddEvents() error    { m.events = true; return nil }
func (m *fakeManager) RemoveEvents() error { m.events = false; return nil }
func (m *fakeManager) Close() error        { return nil }

func (m *fakeManager) Protect(folder, sddl string) error {
	m.rights[folder] = sddl
	return m.fail["Protect"]
}

// TestLifeOfService installs, starts, inspects, stops, changes and removes a service.
func TestLifeOfService(t *testing.T) {
	root := filepath.Join(t.TempDir(), "tabcell")
	synctest.Test(t, func(t *testing.T) {
		m, out := newFakeManager(), &strings.Builder{}
		a := Administrator{Manager: m, Out: out, Root: root}
		config := filepath.Join(root, "tabcell.conf")
		for i, step := range []struct {
			do   func() error
			want string
		}{
			{func() error { return a.Install("/program", "") }, "installed the service tabcell: it runs as NT SERVICE\\tabcell, with the configuration " + config},
			{a.Status, "state    stopped\naccount  NT SERVICE\\tabcell\ncommand  /program serve --config " + config},
			{a.Start, "the service runs, process 42"},
			{a.Start, "the service runs already"},
			{a.Status, "state    running\nprocess  42\n"},
			{func() error { return a.Install("/new", "") }, "updated the service tabcell"},
			{a.Status, "command  /new serve --config " + config},
			{a.Stop, "the service is stopped"},
			{a.Stop, "the service is stopped"},
			{a.Start, "the service runs, process 42"},
			{a.Remove, "the service is stopped\nremoved the service; its configuration, models and logs are still in " + root},
		} {
			out.Reset()
			if err := step.do(); err != nil || !strings.Contains(out.String(), step.want) {
				t.Errorf("step %d printed %q, error %v; want %q", i, out, err, step.want)
			}
		}
		if m.installed != nil || m.events {
			t.Error("something of the service is left")
		}
		for name, do := range map[string]func() error{"start": a.Start, "stop": a.Stop, "remove": a.Remove, "status": a.Status} {
			if err := do(); !errors.Is(err, ErrNotInstalled) {
				t.Errorf("%s of a service that is not installed: %v", name, err)
			}
		}
	})
}

// TestFolders checks the folders and the rights on them, and that a configuration is not changed.
func TestFolders(t *testing.T) {
	m, root := newFakeManager(), filepath.Join(t.TempDir(), "tabcell")
	a := Administrator{Manager: m, Out: &strings.Builder{}, Root: root}
	if err := a.Install("/program", ""); err != nil {
		t.Fatal(err)
	}
	sid := SID("tabcell")
	for folder, rights := range map[string]string{"": "0x1200a9", "cache": "0x1301bf", "log": "0x1301bf", "models": "0x1301bf"} {
		path := filepath.Join(root, folder)
		if info, err := os.Stat(path); err != nil || !info.IsDir() {
			t.Errorf("%s: %v", path, err)
		}
		if want := "D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;" + rights + ";;;" + sid + ")"; m.rights[path] != want {
			t.Errorf("rights of %s: %s, want %s", path, m.rights[path], want)
		}
	}
	config := filepath.Join(root, "tabcell.conf")
	if err := os.WriteFile(config, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := a.Install("/program", ""); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(config); err != nil || string(text) != "mine" {
		t.Errorf("the configuration is %q, error %v", text, err)
	}
	if err := a.Install("/program", filepath.Join(t.TempDir(), "none.conf")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("with a configuration that does not exist elsewhere: %v", err)
	}
}

// TestSID compares with the account of a service of Windows itself, as documented by Microsoft.
func TestSID(t *testing.T) {
	if got, want := SID("TrustedInstaller"), "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestFailedSteps checks that a failed installation leaves no service, and that a service which
// does not start is reported.
func TestFailedSteps(t *testing.T) {
	for _, method := range []string{"Create", "Protect", "Query"} {
		m := newFakeManager()
		cause := errors.New("no")
		m.fail[method] = cause
		if method == "Query" {
			m.installed = &Definition{Program: "/old"}
		}
		a := Administrator{Manager: m, Out: &strings.Builder{}, Root: t.TempDir()}
		if err := a.Install("/program", ""); !errors.Is(err, cause) {
			t.Errorf("%s fails: %v", method, err)
		}
		if method == "Protect" && (m.installed != nil || m.events) {
			t.Error("a service whose folders are not protected stays")
		}
		if method == "Query" && m.installed.Program != "/old" {
			t.Error("the installed service was changed")
		}
	}
	synctest.Test(t, func(t *testing.T) {
		m := newFakeManager()
		m.installed, m.crash = &Definition{}, true
		err := Administrator{Manager: m, Out: &strings.Builder{}}.Start()
		if err == nil || !strings.Contains(err.Error(), "ended with the exit code 1; the event log (source tabcell) has the reason") {
			t.Errorf("a service that ends: %v", err)
		}
	})
}
