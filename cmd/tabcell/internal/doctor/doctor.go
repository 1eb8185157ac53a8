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

// Start has the functions of the server's start that the checks need.
type Start struct {
	// Listen listens on the configured address.
	Listen func(settings.Server) (net.Listener, error)
	// HasCode reports whether a start finds the compiled code of a guest.
	HasCode func(s settings.Settings, guest string) bool
	// TimeZone returns the name of the zone of local time in scripts. It fails if the guest does
	// not have the configured one.
	TimeZone func(settings.Settings) (string, error)
}

// Host checks the configuration and this host.
func Host(src settings.Sources, start Start) []Finding {
	findings, loaded := checkConfiguration(src)
	s := loaded.Settings
	findings = append(findings, checkEngine(), checkProcessor(), checkExecutableMemory(s.Cells.AllowInterpreter), checkGuest())
	findings = append(findings, checkSystem(s)...)
	findings = append(findings, checkConfinement(s.Process))
	findings = append(findings, checkInstallation(s, start.HasCode)...)
	findings = append(findings, checkFolders(loaded)...)
	findings = append(findings, checkRequests(s.Request), checkConnections(s.Server), checkPort(s.Server, start.Listen))
	findings = append(findings, checkFlightPort(s, start.Listen)...)
	findings = append(findings, checkClock(time.Now(), buildinfo.ProgramPath()), checkTimeZone(s, start.TimeZone))
	findings = append(findings, checkPackages(s.Cells.Packages)...)
	findings = append(findings, checkPasswords(s.Auth)...)
	findings = append(findings, checkRoles(s)...)
	findings = append(findings, checkCluster(s.Cluster, time.Now())...)
	if s.TLS.Protocol == "https" {
		files := certs.Files{Certificate: s.TLS.Certificate, Key: s.TLS.Key}
		findings = append(findings, checkTLS(files, serverNames(s.Server), time.Now())...)
		findings = append(findings, checkClientCertificates(s.TLS, time.Now())...)
	}
	return findings
}

// checkConfiguration also returns the settings, which are the defaults if the configuration is not
// valid.
func checkConfiguration(src settings.Sources) ([]Finding, *settings.Loaded) {
	const subject = "configuration"
	src.MaxMemoryMB = int(runtime.MaxMemory() >> 20)
	src.HostMemoryMB = hostmem.Available().MB()
	loaded, err := settings.Load(src)
	if err != nil {
		advice := "correct the file or the setting; `tabcell help settings` lists all of them"
		return []Finding{{Failure, subject, err.Error(), advice}}, &settings.Loaded{Settings: settings.Defaults()}
	}
	text := "defaults and environment"
	if src.File != "" {
		text = src.File
	}
	findings := []Finding{{OK, subject, text, ""}}
	for _, w := range loaded.Warnings {
		findings = append(findings, Finding{Warning, subject, w.String(), "correct or remove the setting; `tabcell config check FILE` names its line"})
	}
	return findings, loaded
}
