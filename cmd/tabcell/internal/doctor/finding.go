package doctor

import (
	"strings"

	"tabcell/cmd/tabcell/internal/buildinfo"
)

// Severity is the outcome of a check.
type Severity string

// The outcomes of a check.
const (
	OK      Severity = "ok"
	Warning Severity = "warn" // the server works, but worse than it could
	Failure Severity = "fail" // the server does not start, or does not work
)

// Finding is a result of a check.
type Finding struct {
	Severity Severity
	Subject  string // what was checked, such as "port"
	Text     string
	Advice   string // how to resolve the problem; may be "" if the severity is OK
}

// ID returns the subject as a word that does not change between versions, such as "cache-folder".
func (f Finding) ID() string { return strings.ReplaceAll(strings.ToLower(f.Subject), " ", "-") }

// Report is the outcome of all checks, as `tabcell doctor --json` prints it. Later versions of the
// program may add members and checks; they change the meaning of present ones only together with
// Format.
type Report struct {
	Format  int      `json:"format"`  // 1
	Version string   `json:"version"` // of the program
	Level   Severity `json:"level"`   // the worst of all checks
	Failed  int      `json:"failed"`  // number of checks with the level fail
	Warned  int      `json:"warned"`  // number of checks with the level warn
	Checks  []Check  `json:"checks"`
}

// Check is a finding in a report. Several can have the same id.
type Check struct {
	ID      string   `json:"id"`
	Level   Severity `json:"level"`
	Finding string   `json:"finding"`
	Advice  string   `json:"advice"` // not empty unless the level is ok
}

// NewReport returns the report of findings.
func NewReport(findings []Finding) Report {
	r := Report{Format: 1, Version: buildinfo.Current().Version, Level: OK, Checks: []Check{}}
	for _, f := range findings {
		r.Checks = append(r.Checks, Check{f.ID(), f.Severity, f.Text, f.Advice})
		switch f.Severity {
		case Failure:
			r.Failed++
		case Warning:
			r.Warned++
		}
	}
	switch {
	case r.Failed > 0:
		r.Level = Failure
	case r.Warned > 0:
		r.Level = Warning
	}
	return r
}
