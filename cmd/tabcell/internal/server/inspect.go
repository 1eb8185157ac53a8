package server

import (
	"context"
	"slices"

	"tabcell/assets"
	"tabcell/runtime"
	"tabcell/settings"

	"github.com/rs/zerolog"
)

// HasCode reports whether a start with these settings finds the compiled code of a guest, installed
// with the program or in the cache folder.
func HasCode(s settings.Settings, guest string) bool {
	if Guests[guest] == nil {
		return true // there is nothing to compile
	}
	cfg, err := guestConfig(zerolog.Nop().WithContext(context.Background()), s, guest, nil)
	return err == nil && runtime.HasCode(cfg)
}

// TimeZone returns the name of the zone of local time in scripts. It returns an error if the guest
// does not have the configured zone.
func TimeZone(s settings.Settings) (string, error) {
	guest, err := assets.Core()
	if err != nil {
		return "", err
	}
	if err := checkTimeZone(guest, s.Cells.TimeZone); err != nil {
		return "", err
	}
	switch zone := timeZone(s.Cells.TimeZone); {
	case len(zone) == 0:
		return "UTC, because this host has no other", nil
	case slices.Contains(zone, 0): // the content of a file, which has no name
		return "the file /etc/localtime of this host", nil
	default:
		return string(zone), nil
	}
}
