package doctor

import (
	"fmt"

	"tabcell/assets"
	"tabcell/settings"
)

// checkGuest verifies the digests of the guest in the program.
func checkGuest() Finding {
	guest, err := assets.Core()
	if err != nil {
		return Finding{Failure, "guest", err.Error(), "the program file is damaged; install it again"}
	}
	return Finding{OK, "guest", fmt.Sprintf("%s, Python %s, digests match", guest.Name, assets.Manifest().Python), ""}
}

// checkTimeZone finds the zone of local time in scripts.
func checkTimeZone(s settings.Settings, zone func(settings.Settings) (string, error)) Finding {
	const subject = "time zone"
	name, err := zone(s)
	if err != nil {
		return Finding{Failure, subject, err.Error(), "correct TABCELL_TIMEZONE"}
	}
	return Finding{OK, subject, "local time in scripts is that of " + name, ""}
}

// checkRequests shows the memory that the bodies of requests and responses may take.
func checkRequests(r settings.Request) Finding {
	return Finding{OK, "requests", fmt.Sprintf("requests and responses together may take %d MiB (TABCELL_BUFFER_MB), of which one client gets at most two thirds; one request may have %d MiB",
		r.BufferMB, r.MaxMB), ""}
}
