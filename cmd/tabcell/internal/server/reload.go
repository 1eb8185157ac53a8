package server

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"

	"tabcell/cmd/tabcell/internal/confine"
	"tabcell/cmd/tabcell/internal/grants"
	"tabcell/httpapi"
	"tabcell/settings"
)

// ReloadOptions configures the reloads of a running server.
type ReloadOptions struct {
	Signals <-chan os.Signal // each signal causes a reload; nil if there are none on this system
	Sources settings.Sources // of the configuration
	Log     ReloadableLog
	// HungUp, if not nil, reports whether the terminal from which the server was started is gone:
	// then a signal stops the server.
	HungUp func() bool
}

// ReloadableLog is a log whose files can be opened again, and whose configuration can be changed.
type ReloadableLog interface {
	// Reopen opens the files again, after another program has moved them.
	Reopen() error
	// Prepare opens the handlers of a changed configuration. It takes effect when apply is called,
	// which must happen unless Prepare returns an error.
	Prepare(file string, loaded *settings.Loaded) (apply func(), err error)
}

// reloadOn reloads after each signal, until ctx is done. Signals that arrive during a reload cause
// one more. It closes hungUp and returns if the terminal is gone.
func (s *service) reloadOn(ctx context.Context, o ReloadOptions, hungUp chan<- struct{}) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-o.Signals:
		}
		if o.HungUp != nil && o.HungUp() {
			close(hungUp)
			return
		}
		s.reload(o)
	}
}

// reload opens the log files again, and reads the configuration and its files again. If any of them
// has an error, the log files are the only change.
func (s *service) reload(o ReloadOptions) {
	s.manager.Reloading()
	defer s.manager.Reloaded()
	s.reopenLogs(o.Log)
	changes, warnings, err := s.reconfigure(o)
	e := httpapi.AuditEvent{Kind: httpapi.AuditReload, Outcome: httpapi.AuditOK, Reason: "configuration"}
	if err != nil {
		text := strings.ReplaceAll(err.Error(), "\n", "; ") + reloadAdvice(err)
		s.log.Error().Msg("the configuration was not reloaded, and nothing has changed: " + text)
		e.Outcome, e.Reason = httpapi.AuditFailed, "configuration: "+text
		s.record(e)
		s.manager.Status("the configuration was not reloaded: " + text)
		return
	}
	s.manager.Status("the configuration was reloaded")
	for _, warning := range warnings {
		s.log.Warn().Msg(strings.ReplaceAll(warning, "\n", " "))
	}
	s.warnGrants(s.loaded.Grants)
	applied, restart := splitChanges(changes)
	event := s.log.Info()
	if len(applied) > 0 {
		event.Strs("changed", applied)
		e.Reason += ": " + strings.Join(applied, ", ")
	}
	event.Msg("the configuration and its files were reloaded")
	if len(restart) > 0 {
		s.log.Warn().Strs("settings", restart).Msg("these settings have changed, but take effect only after a restart")
	}
	s.record(e)
}

// reopenLogs opens the log files and the audit trail again. A file that cannot be opened does not
// prevent the rest of the reload.
func (s *service) reopenLogs(log ReloadableLog) {
	err := log.Reopen()
	if s.audit != nil {
		err = errors.Join(err, s.audit.Reopen())
	}
	if err != nil {
		s.log.Error().Msg(strings.ReplaceAll(err.Error(), "\n", "; "))
	}
}

// reconfigure reads the configuration and all files that it names, and then puts everything in
// effect that does not need a restart. It returns the changes, and the warnings that the previous
// configuration did not cause. If it returns an error, nothing has changed.
func (s *service) reconfigure(o ReloadOptions) (changes []settings.Change, warnings []string, err error) {
	o.Sources.Confined = s.wall.State().Up[confine.Files]
	next, err := settings.Load(o.Sources)
	if err != nil {
		return nil, nil, err
	}
	merged := settings.Merge(s.loaded, next)
	apply, err := s.prepare(o, merged)
	if err != nil {
		return nil, nil, err
	}
	apply()
	changes, warnings = settings.Changes(s.loaded, next), newWarnings(s.loaded, next)
	s.loaded = merged
	s.inForce.Store(merged)
	return changes, warnings, nil
}

// prepare opens everything that a changed configuration asks for.
func (s *service) prepare(o ReloadOptions, next *settings.Loaded) (apply func(), err error) {
	applyTLS, applyAuth, discardAuth := func() {}, func() {}, func() {}
	if s.tls != nil {
		if applyTLS, err = s.tls.Prepare(next.Settings.TLS); err != nil {
			return nil, err
		}
	}
	if s.auth != nil {
		if applyAuth, discardAuth, err = s.auth.prepare(next.Settings); err != nil {
			return nil, err
		}
	}
	set, err := grants.New(next.Grants)
	if err != nil {
		discardAuth()
		return nil, err
	}
	applyLog, err := o.Log.Prepare(o.Sources.File, next)
	if err != nil {
		discardAuth()
		return nil, err
	}
	return func() { applyLog(); applyTLS(); applyAuth(); s.grants.Set(set) }, nil
}

// splitChanges returns the names of the changes that have taken effect, and of those that need a
// restart.
func splitChanges(changes []settings.Change) (applied, restart []string) {
	for _, c := range changes {
		if c.Restart {
			restart = append(restart, c.Name)
		} else {
			applied = append(applied, c.Name)
		}
	}
	return applied, restart
}

// newWarnings returns the warnings that only the newer configuration causes.
func newWarnings(previous, next *settings.Loaded) []string {
	var known, added []string
	for _, w := range previous.Warnings {
		known = append(known, w.String())
	}
	for _, w := range next.Warnings {
		if text := w.String(); !slices.Contains(known, text) {
			added = append(added, text)
		}
	}
	return added
}

// reloadAdvice returns the end of the message for a reload that failed.
func reloadAdvice(err error) string {
	if errors.Is(err, fs.ErrPermission) {
		return "; a file in a folder that the configuration did not name at the start needs a restart, because the process has given up its rights to other folders (TABCELL_CONFINE)"
	}
	return ""
}
