package service

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/svc"
	"golang.org/x/sys/windows/svc/eventlog"
	"golang.org/x/sys/windows/svc/mgr"
)

// preShutdownTime is the time that Windows gives the service before it shuts down. The server needs
// at most 80 s.
const preShutdownTime = 90 * time.Second

// windowsManager is the service manager of this machine.
type windowsManager struct{ manager *mgr.Mgr }

// OpenManager returns the service manager, which needs the rights of an administrator.
func OpenManager() (Manager, error) {
	m, err := mgr.Connect()
	if errors.Is(err, windows.ERROR_ACCESS_DENIED) {
		return nil, fmt.Errorf("%w; run the command as an administrator", err)
	}
	if err != nil {
		return nil, err
	}
	return windowsManager{m}, nil
}

// Close implements Manager.
func (m windowsManager) Close() error { return m.manager.Disconnect() }

// Create implements Manager.
func (m windowsManager) Create(d Definition) error {
	s, err := m.manager.CreateService(Name, d.Program, serviceConfig(), d.Args...)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := setFailureActions(s); err != nil {
		return errors.Join(err, s.Delete())
	}
	return nil
}

// Update implements Manager.
func (m windowsManager) Update(d Definition) error {
	return m.with(func(s *mgr.Service) error {
		c := serviceConfig()
		c.BinaryPathName = commandLine(d)
		return errors.Join(s.UpdateConfig(c), setFailureActions(s))
	})
}

func serviceConfig() mgr.Config {
	return mgr.Config{
		ServiceType: windows.SERVICE_WIN32_OWN_PROCESS, StartType: mgr.StartAutomatic, DelayedAutoStart: true, ErrorControl: mgr.ErrorNormal,
		ServiceStartName: Account, SidType: windows.SERVICE_SID_TYPE_UNRESTRICTED,
		DisplayName: "tabcell", Description: "Runs the Python scripts of Tableau in sealed cells (tabcell).",
	}
}

// commandLine returns the program and its arguments as Windows parses them.
func commandLine(d Definition) string {
	words := []string{windows.EscapeArg(d.Program)}
	for _, arg := range d.Args {
		words = append(words, windows.EscapeArg(arg))
	}
	return strings.Join(words, " ")
}

const day = 24 * 60 * 60 // seconds

// setFailureActions makes the manager restart the service when it fails, also when it ends with an
// exit code, and sets the time that the service has before a shutdown of the system.
func setFailureActions(s *mgr.Service) error {
	restarts := []mgr.RecoveryAction{
		{Type: mgr.ServiceRestart, Delay: 5 * time.Second},
		{Type: mgr.ServiceRestart, Delay: 30 * time.Second},
		{Type: mgr.ServiceRestart, Delay: time.Minute}, // and all further ones
	}
	return errors.Join(
		s.SetRecoveryActions(restarts, day),
		s.SetRecoveryActionsOnNonCrashFailures(true),
		setPreShutdownTime(s, preShutdownTime),
	)
}

// with opens the service and calls do.
func (m windowsManager) with(do func(*mgr.Service) error) error {
	s, err := m.manager.OpenService(Name)
	if errors.Is(err, windows.ERROR_SERVICE_DOES_NOT_EXIST) {
		return ErrNotInstalled
	}
	if err != nil {
		return err
	}
	defer s.Close()
	return do(s)
}

// Query implements Manager.
func (m windowsManager) Query() (status Status, err error) {
	err = m.with(func(s *mgr.Service) error {
		q, err := s.Query()
		if err != nil {
			return err
		}
		status = Status{State: State(q.State), Process: q.ProcessId, ExitCode: q.Win32ExitCode}
		if windows.Errno(q.Win32ExitCode) == windows.ERROR_SERVICE_SPECIFIC_ERROR {
			status.ExitCode = q.ServiceSpecificExitCode
		}
		if c, err := s.Config(); err == nil { // for the administrator only; nothing depends on it
			status.Command, status.Account = c.BinaryPathName, c.ServiceStartName
		}
		return nil
	})
	return status, err
}

// Start implements Manager.
func (m windowsManager) Start() error {
	return m.with(func(s *mgr.Service) error { return s.Start() })
}

// Stop implements Manager.
func (m windowsManager) Stop() error {
	return m.with(func(s *mgr.Service) error {
		_, err := s.Control(svc.Stop)
		return err
	})
}

// Delete implements Manager.
func (m windowsManager) Delete() error { return m.with((*mgr.Service).Delete) }

// AddEvents implements Manager. The source of an earlier installation is replaced.
func (m windowsManager) AddEvents() error {
	_ = eventlog.Remove(Name)
	return eventlog.InstallAsEventCreate(Name, eventlog.Error|eventlog.Warning|eventlog.Info)
}

// RemoveEvents implements Manager.
func (m windowsManager) RemoveEvents() error { return eventlog.Remove(Name) }

// Protect implements Manager. Windows passes the rights on to what is in the folder already.
func (m windowsManager) Protect(folder, sddl string) error {
	sd, err := windows.SecurityDescriptorFromString(sddl)
	if err != nil {
		return err
	}
	dacl, _, err := sd.DACL()
	if err != nil {
		return err
	}
	const parts = windows.DACL_SECURITY_INFORMATION | windows.PROTECTED_DACL_SECURITY_INFORMATION
	if err := windows.SetNamedSecurityInfo(folder, windows.SE_FILE_OBJECT, parts, nil, nil, dacl, nil); err != nil {
		return fmt.Errorf("the rights of %s cannot be set: %w", folder, err)
	}
	return nil
}
