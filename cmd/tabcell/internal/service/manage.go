package service

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Name is the name of the Windows service, and of its source of events.
const Name = "tabcell"

// Account is the virtual account of the service, which Windows creates with it. It has no password
// and no rights but those that it is given.
const Account = `NT SERVICE\` + Name

// ErrNotInstalled means that the service is not installed.
var ErrNotInstalled = errors.New("the service is not installed; install it with `tabcell service install`")

// ErrUnsupported means that the system has no Windows service manager.
var ErrUnsupported = errors.New("this system has no Windows services; on Linux, the packages install a unit for systemd: see `tabcell docs install`")

// Definition describes the service to the manager.
type Definition struct {
	Program string   // absolute path
	Args    []string // of the program
}

// Status is the state of the installed service.
type Status struct {
	State    State
	Process  uint32 // process ID; 0 if it does not run
	ExitCode uint32 // of the last run
	Command  string // program and arguments
	Account  string
}

// Manager is the Windows service manager, for the service Name.
type Manager interface {
	// Create installs the service: it runs as Account, starts automatically after the other
	// services, and is restarted when it fails.
	Create(d Definition) error
	// Update changes the definition of the installed service.
	Update(d Definition) error
	// Query, Start, Stop and Delete return ErrNotInstalled if the service is not installed. Start
	// and Stop do not wait.
	Query() (Status, error)
	Start() error
	Stop() error
	Delete() error
	// AddEvents registers the source of events, and RemoveEvents removes it.
	AddEvents() error
	RemoveEvents() error
	// Protect replaces the rights on a folder and all below it by those of a security descriptor.
	Protect(folder, sddl string) error
	Close() error
}

// Administrator installs and controls the service.
type Administrator struct {
	Manager Manager
	Out     io.Writer
	Root    string // folder of the service's files, such as C:\ProgramData\tabcell
}

// Install installs the service, or changes the installed one. config is the configuration file; if
// it is "", it is that in Root, which Install creates unless it exists. If a step fails, a service
// that Install has created is removed again.
func (a Administrator) Install(program, config string) error {
	if err := a.makeFolders(); err != nil {
		return err
	}
	config = cmp.Or(config, filepath.Join(a.Root, configName))
	if err := a.writeConfig(config); err != nil {
		return err
	}
	d := Definition{Program: program, Args: []string{"serve", "--config", config}}
	_, err := a.Manager.Query()
	created := errors.Is(err, ErrNotInstalled)
	switch {
	case created:
		err = a.Manager.Create(d)
	case err == nil:
		err = a.Manager.Update(d)
	}
	if err != nil {
		return err
	}
	if err := errors.Join(a.Manager.AddEvents(), a.protectFolders()); err != nil {
		if created {
			err = errors.Join(err, a.Manager.RemoveEvents(), a.Manager.Delete())
		}
		return err
	}
	fmt.Fprintf(a.Out, "%s the service %s: it runs as %s, with the configuration %s and files in %s\n",
		map[bool]string{true: "installed", false: "updated"}[created], Name, Account, config, a.Root)
	return nil
}

// pollInterval is the time between two queries for a change of the state.
const pollInterval = 300 * time.Millisecond

// Start starts the service and waits until it runs.
func (a Administrator) Start() error {
	status, err := a.Manager.Query()
	if err != nil {
		return err
	}
	if status.State == Running {
		fmt.Fprintln(a.Out, "the service runs already")
		return nil
	}
	if err := a.Manager.Start(); err != nil {
		return err
	}
	if status, err = a.await(StartPending); err != nil {
		return err
	}
	if status.State != Running {
		return fmt.Errorf("the service has ended with the exit code %d; the event log (source %s) has the reason", status.ExitCode, Name)
	}
	fmt.Fprintf(a.Out, "the service runs, process %d\n", status.Process)
	return nil
}

// Stop stops the service and waits until it has finished its requests.
func (a Administrator) Stop() error {
	status, err := a.Manager.Query()
	if err != nil {
		return err
	}
	if status.State != Stopped {
		if err := a.Manager.Stop(); err != nil {
			return err
		}
		if status, err = a.await(Running, StopPending); err != nil {
			return err
		}
	}
	fmt.Fprintln(a.Out, "the service is stopped")
	return nil
}

// maxAwait is the longest time for a change of the state. A stop takes at most 80 s.
const maxAwait = 2 * time.Minute

// await waits until the service leaves the given states.
func (a Administrator) await(states ...State) (Status, error) {
	for deadline := time.Now().Add(maxAwait); ; time.Sleep(pollInterval) {
		status, err := a.Manager.Query()
		if err != nil || !slices.Contains(states, status.State) {
			return status, err
		}
		if time.Now().After(deadline) {
			return status, fmt.Errorf("the service is still %s after %v", status.State, maxAwait)
		}
	}
}

// Remove stops the service and removes it. It keeps the files.
func (a Administrator) Remove() error {
	if err := a.Stop(); err != nil {
		return err
	}
	if err := errors.Join(a.Manager.Delete(), a.Manager.RemoveEvents()); err != nil {
		return err
	}
	fmt.Fprintf(a.Out, "removed the service; its configuration, models and logs are still in %s\n", a.Root)
	return nil
}

// Status prints the state of the service.
func (a Administrator) Status() error {
	s, err := a.Manager.Query()
	if err != nil {
		return err
	}
	fmt.Fprintf(a.Out, "state    %s\n", s.State)
	if s.Process != 0 {
		fmt.Fprintf(a.Out, "process  %d\n", s.Process)
	}
	if s.State == Stopped && s.ExitCode != 0 {
		fmt.Fprintf(a.Out, "exit     %d\n", s.ExitCode)
	}
	fmt.Fprintf(a.Out, "account  %s\ncommand  %s\nfiles    %s\n", s.Account, s.Command, a.Root)
	return nil
}

// String returns the name of the state.
func (s State) String() string {
	switch s {
	case Stopped:
		return "stopped"
	case StartPending:
		return "starting"
	case StopPending:
		return "stopping"
	case Running:
		return "running"
	}
	return fmt.Sprintf("in state %d", uint32(s))
}

// makeFolders creates the folders of the service.
func (a Administrator) makeFolders() error {
	for _, f := range folders {
		if err := os.MkdirAll(filepath.Join(a.Root, f.name), 0o700); err != nil {
			return err
		}
	}
	return nil
}
