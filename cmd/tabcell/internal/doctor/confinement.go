package doctor

import (
	"tabcell/cmd/tabcell/internal/confine"
	"tabcell/settings"
)

// checkConfinement checks that this system can confine the server as the settings ask for.
func checkConfinement(s settings.Process) Finding {
	const subject = "confinement"
	if s.Confine == confine.Off {
		return Finding{Warning, subject, "TABCELL_CONFINE is off; the server keeps all rights of its user",
			"set it to auto, unless a debugger has to attach to the server"}
	}
	support := confine.Support()
	missing := support.Missing()
	switch {
	case missing == "":
		return Finding{OK, subject, "this system can confine the server (" + support.List() + ")", ""}
	case s.Confine == confine.Require && !support.Complete():
		return Finding{Failure, subject, missing, "set TABCELL_CONFINE to auto to start nevertheless"}
	}
	return Finding{Warning, subject, "only in part: " + missing, "the server runs, but code that takes it over could do more"}
}
