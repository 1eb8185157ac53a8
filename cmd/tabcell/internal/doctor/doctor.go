// Package doctor checks whether this host, its configuration and its certificate are suitable for
// the server. Each check returns findings, with advice on how to resolve a problem.
package doctor

import (
	"net"
	"time"

	"tabcell/cmd/tabcell/internal/buildinfo"
	"tabcell/cmd/tabcell/internal/certs"
	"tabcell/cmd/tabcell/internal/hostmem"
	"tabcell/runtime"
	"tabcell/settings"
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
	Advice   string // how to resolve the problem; "" if there is none
}

// Host checks the configuration and this host. It calls listen to check that the configured port is
// free.
func Host(src settings.Sources, listen func(settings.Server) (net.Listener, error)) []Finding {
	findings, s := checkConfiguration(src)
	findings = append(findings, checkEngine(), checkProcessor(), checkExecutableMemory(s.Cells.AllowInterpreter))
	findings = append(findings, checkSystem(s)...)
	findings = append(findings, checkConfinement(s.Process))
	findings = append(findings, checkCache(s.Cells.CacheDir), checkCode(s.Cells, buildinfo.Program()),
		checkPort(s.Server, listen), checkGuest())
	findings = append(findings, checkPackages(s.Cells.Packages)...)
	findings = append(findings, checkPasswords(s.Auth)...)
	findings = append(append(findings, checkRoles(s)...), checkAudit(s.Audit)...)
	if s.TLS.Protocol == "https" {
		files := certs.Files{Certificate: s.TLS.Certificate, Key: s.TLS.Key}
		findings = append(findings, checkTLS(files, serverNames(s.Server), time.Now())...)
		findings = append(findings, checkClientCertificates(s.TLS, time.Now())...)
	}
	return findings
}

// checkConfiguration also returns the settings, which are the defaults if the configuration is not
// valid.
func checkConfiguration(src settings.Sources) ([]Finding, settings.Settings) {
	const subject = "configuration"
	src.MaxMemoryMB = int(runtime.MaxMemory() >> 20)
	src.HostMemoryMB = hostmem.Available().MB()
	loaded, err := settings.Load(src)
	if err != nil {
		advice := "correct the setting; `tabcell --help` lists all of them"
		return []Finding{{Failure, subject, err.Error(), advice}}, settings.Defaults()
	}
	text := "defaults and environment"
	if src.File != "" {
		text = src.File
	}
	findings := []Finding{{OK, subject, text, ""}}
	for _, w := range loaded.Warnings {
		findings = append(findings, Finding{Warning, subject, w.String(), ""})
	}
	return findings, loaded.Settings
}
