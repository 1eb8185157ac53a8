package server

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"

	"tabcell/assets"
)

const (
	zoneFolder  = "f:/lib/tzdata/zoneinfo/" // of the zones among the resources of a guest
	maxZoneFile = 1 << 16                   // bytes; the largest in the tz database has 4000
)

// timeZone returns the zone of local time in cells: the configured name, or else the zone of this
// host, as a value of TZ or as the content of a zone file.
func timeZone(configured string) []byte {
	if configured != "" {
		return []byte(configured)
	}
	if tz, ok := os.LookupEnv("TZ"); ok {
		return zoneOfVariable(tz)
	}
	return zoneOfFile("/etc/localtime")
}

// zoneOfVariable returns the zone that a value of TZ selects in glibc.
func zoneOfVariable(tz string) []byte {
	switch tz = strings.TrimPrefix(tz, ":"); {
	case tz == "":
		return []byte("UTC")
	case strings.HasPrefix(tz, "/"):
		return zoneOfFile(tz)
	}
	return []byte(tz)
}

// zoneOfFile returns the zone that a file of the tz database, or a link to one, has: its name if
// the path has it, or else its content. It returns nil, which means UTC, if the file is not a zone.
//
// GAP: Windows has no such file, so that local time is UTC there without TABCELL_TIMEZONE or TZ.
func zoneOfFile(path string) []byte {
	target, err := os.Readlink(path)
	if err != nil {
		target = path
	}
	if _, name, ok := strings.Cut(target, "/zoneinfo/"); ok {
		return []byte(strings.TrimPrefix(name, "posix/"))
	}
	file, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, maxZoneFile))
	if err != nil || !bytes.HasPrefix(content, []byte("TZif")) || len(content) == maxZoneFile {
		return nil
	}
	return content
}

// checkTimeZone returns an error if the guest does not have the configured zone.
func checkTimeZone(guest assets.Guest, configured string) error {
	if configured == "" {
		return nil
	}
	resources, err := guest.Resources()
	if err != nil || resources[zoneFolder+configured] != nil {
		return err
	}
	for name := range resources {
		if zone, ok := strings.CutPrefix(name, zoneFolder); ok && strings.EqualFold(zone, configured) {
			return fmt.Errorf("the time zone %q (TABCELL_TIMEZONE) does not exist; it is written %s", configured, zone)
		}
	}
	return fmt.Errorf("the time zone %q (TABCELL_TIMEZONE) does not exist; use a name of the tz database, such as Europe/Berlin", configured)
}
