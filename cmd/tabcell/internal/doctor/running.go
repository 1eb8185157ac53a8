package doctor

import (
	"slices"
	"strings"
	"time"

	"tabcell/cmd/tabcell/internal/buildinfo"
	"tabcell/cmd/tabcell/internal/certs"
	"tabcell/settings"
)

// Running checks the configuration in force and the host of a server that runs. It leaves out what
// a confined server may not look at, and what only matters before a start: the port, the compiled
// code, the rights of the process and executable memory. up has the protections of the server
// against code that takes it over, and whether each is up.
func Running(loaded *settings.Loaded, zone func(settings.Settings) (string, error), up map[string]bool, now time.Time) []Finding {
	s := loaded.Settings
	findings := []Finding{checkWarnings(loaded), checkEngine(), checkProcessor()}
	findings = append(findings, checkSystem(s)...)
	findings = append(findings, checkWall(s.Process, up))
	findings = append(findings, checkFolders(loaded)...)
	findings = append(findings, checkRequests(s.Request), checkConnections(s.Server), checkClock(now, buildinfo.ProgramPath()), checkTimeZone(s, zone))
	findings = append(findings, checkPackages(s.Cells.Packages)...)
	findings = append(findings, checkPasswords(s.Auth)...)
	findings = append(findings, checkRoles(s)...)
	if s.TLS.Protocol == "https" {
		files := certs.Files{Certificate: s.TLS.Certificate, Key: s.TLS.Key}
		findings = append(findings, checkTLS(files, serverNames(s.Server), now)...)
		findings = append(findings, checkClientCertificates(s.TLS, now)...)
	}
	return findings
}

// checkWarnings shows the warnings of the configuration in force.
func checkWarnings(loaded *settings.Loaded) Finding {
	const subject = "configuration"
	if len(loaded.Warnings) == 0 {
		return Finding{OK, subject, "in force without warnings", ""}
	}
	var texts []string
	for _, w := range loaded.Warnings {
		texts = append(texts, w.String())
	}
	return Finding{Warning, subject, strings.Join(texts, "; "), "correct or remove the settings; `tabcell config check FILE` names their lines"}
}

// checkWall shows the protections that are up.
func checkWall(s settings.Process, up map[string]bool) Finding {
	const subject = "confinement"
	var present, missing []string
	for name, isUp := range up {
		if isUp {
			present = append(present, name)
		} else {
			missing = append(missing, name)
		}
	}
	slices.Sort(present)
	slices.Sort(missing)
	switch {
	case len(present) == 0:
		return Finding{Warning, subject, "the server keeps all rights of its user (TABCELL_CONFINE is " + s.Confine + ")", "set TABCELL_CONFINE to auto, unless a debugger has to attach to the server"}
	case len(missing) > 0:
		return Finding{Warning, subject, "up: " + strings.Join(present, ", ") + "; missing: " + strings.Join(missing, ", "), "run tabcell doctor, which shows what this system supports"}
	}
	return Finding{OK, subject, "up: " + strings.Join(present, ", "), ""}
}
