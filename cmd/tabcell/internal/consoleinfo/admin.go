package consoleinfo

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"tabcell/cmd/tabcell/internal/audit"
	"tabcell/cmd/tabcell/internal/doctor"
	"tabcell/cmd/tabcell/internal/packages"
	"tabcell/httpapi/console"
	"tabcell/settings"
)

// Server is the part of the server that the console shows. Its functions must be safe for concurrent
// use.
type Server struct {
	Loaded      func() *settings.Loaded // the configuration in force
	Confinement func() map[string]bool  // the protections of the process, and whether each is up
	TimeZone    func(settings.Settings) (string, error)
	GuestState  func(guest string) string // ready, preparing, waiting (for a script that needs it) or off
	Audit       *audit.Trail              // nil if there is none
	TLS         Certificates              // nil if the server uses plain HTTP
	Accounts    func() KnownAccounts
}

// Admin implements console.Admin.
type Admin struct {
	Server
	findings cached[[]console.Finding]
	packages cached[packageList]
}

// New returns the information about a server.
func New(s Server) *Admin { return &Admin{Server: s} }

// The ages up to which results that are expensive to get are shown again.
const (
	maxFindingsAge = 10 * time.Second
	maxPackagesAge = time.Minute
)

// cached keeps a result for some time. Only one goroutine gets it at a time.
type cached[T any] struct {
	mu    sync.Mutex
	value T
	until time.Time
}

// get returns the value, which is at most as old as age.
func (c *cached[T]) get(age time.Duration, now func() time.Time, load func() T) T {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at := now(); at.After(c.until) || c.until.Sub(at) > age {
		c.value = load()
		c.until = now().Add(age)
	}
	return c.value
}

// Settings implements console.Admin.
func (a *Admin) Settings() ([]console.Setting, []string) {
	loaded := a.Loaded()
	var all []console.Setting
	for _, e := range append(loaded.Effective(), loaded.GrantOptions()...) {
		all = append(all, console.Setting{
			Name: e.Name, TabPy: e.TabPy, Value: e.Value, Default: e.Default, Layer: e.Origin.Layer.String(), Origin: e.Origin.String(), Restart: e.Restart,
			Description: e.Help,
		})
	}
	var warnings []string
	for _, w := range loaded.Warnings {
		warnings = append(warnings, w.String())
	}
	return all, warnings
}

// levels has the console's names of the doctor's severities.
var levels = map[doctor.Severity]string{doctor.OK: "ok", doctor.Warning: "warning", doctor.Failure: "error"}

// Findings implements console.Admin.
func (a *Admin) Findings(ctx context.Context) []console.Finding {
	if ctx.Err() != nil {
		return nil
	}
	return a.findings.get(maxFindingsAge, time.Now, func() []console.Finding {
		all := []console.Finding{}
		for _, f := range doctor.Running(a.Loaded(), a.TimeZone, a.Confinement(), time.Now()) {
			all = append(all, console.Finding{Level: levels[f.Severity], Title: f.Subject, Text: f.Text, Advice: f.Advice})
		}
		return all
	})
}

// AuditTail implements console.Admin.
func (a *Admin) AuditTail(before uint64, limit int) (console.AuditTail, error) {
	if a.Audit == nil {
		return console.AuditTail{Note: "There is no audit trail; TABCELL_AUDIT names its place.", Stats: json.RawMessage("null")}, nil
	}
	tail := console.AuditTail{Enabled: true}
	var err error
	if tail.Stats, err = json.Marshal(a.Audit.Stats()); err != nil {
		return tail, err
	}
	entries, more, err := a.Audit.Tail(before, limit)
	if errors.Is(err, audit.ErrNoFile) {
		tail.Note = "The lines go to " + a.Loaded().Settings.Audit.To + ", which the server cannot read."
		return tail, nil
	}
	if err != nil {
		return tail, err
	}
	for _, e := range entries {
		text, err := json.Marshal(e)
		if err != nil {
			return tail, err
		}
		tail.Entries = append(tail.Entries, text)
	}
	tail.More = more
	return tail, nil
}

// packageList is the result of listing packages.
type packageList struct {
	all []packages.Distribution
	err error
}
