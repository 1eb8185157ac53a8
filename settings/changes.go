package settings

import (
	"slices"
	"strings"
)

// runTimePaths has the paths of the settings that a running server can change; a path that ends
// with a dot or an underscore stands for all settings whose paths begin with it. Merge copies them,
// and the server package of cmd/tabcell applies them. All other settings need a restart.
var runTimePaths = []string{"auth.", "oauth.", "tls.certificate", "tls.key", "tls.minimum", "tls.client_", "log.level"}

// Change is a setting that has another value in a newer configuration.
type Change struct {
	Name    string // of the setting, or of the part of the configuration that is not a setting
	Restart bool   // whether it takes effect only after a restart
}

// Changes compares the configuration of a running server with a newer one.
func Changes(running, next *Loaded) []Change {
	var changes []Change
	for _, s := range table {
		if s.value(&running.Settings).String() != s.value(&next.Settings).String() {
			changes = append(changes, Change{s.own, !changesAtRunTime(s.path, running.Settings, next.Settings)})
		}
	}
	if running.Service != next.Service {
		changes = append(changes, Change{"state.ini", true})
	}
	if !running.PyLog.Equal(next.PyLog) {
		changes = append(changes, Change{"the logger sections", running.PyLog == nil || next.PyLog == nil})
	}
	return append(changes, grantChanges(running, next)...)
}

// grantChanges returns the grants that were added, removed or changed. While a change of the
// authentication waits for a restart, so do they, because they were checked with it.
func grantChanges(running, next *Loaded) (changes []Change) {
	restart := running.Settings.Authenticates() != next.Settings.Authenticates()
	for _, pair := range [][2][]Grant{{running.Grants, next.Grants}, {next.Grants, running.Grants}} {
		for _, g := range pair[0] {
			same := slices.ContainsFunc(pair[1], g.Equal)
			change := Change{"[Grant " + g.Name + "]", restart}
			if !same && !slices.Contains(changes, change) {
				changes = append(changes, change)
			}
		}
	}
	return changes
}

// Merge returns the configuration of a running server after the changes of a newer one that do not
// need a restart.
func Merge(running, next *Loaded) *Loaded {
	out := *next
	out.Settings, out.Service = running.Settings, running.Service
	out.Settings.Log.Level = next.Settings.Log.Level
	if running.Settings.Authenticates() == next.Settings.Authenticates() {
		out.Settings.Auth, out.Settings.OAuth = next.Settings.Auth, next.Settings.OAuth
		if running.Settings.TLS.Protocol == next.Settings.TLS.Protocol {
			out.Settings.TLS = next.Settings.TLS
		}
	}
	if running.Settings.Authenticates() != next.Settings.Authenticates() {
		out.Grants = running.Grants
	}
	if running.PyLog == nil || next.PyLog == nil {
		out.PyLog = running.PyLog
	}
	return &out
}

// changesAtRunTime reports whether a running server can change the setting with that path. Whether
// clients must authenticate at all is fixed, and so is the protocol.
func changesAtRunTime(path string, running, next Settings) bool {
	if running.Authenticates() != next.Authenticates() && !strings.HasPrefix(path, "log.") {
		return false
	}
	if running.TLS.Protocol != next.TLS.Protocol && strings.HasPrefix(path, "tls.") {
		return false
	}
	for _, p := range runTimePaths {
		if path == p || (strings.HasSuffix(p, ".") || strings.HasSuffix(p, "_")) && strings.HasPrefix(path, p) {
			return true
		}
	}
	return false
}
