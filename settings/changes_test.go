package settings

import (
	"slices"
	"strings"
	"testing"

	"tabcell/settings/pylog"
)

// changedNames returns the names of the changes that need a restart, or of the others.
func changedNames(changes []Change, restart bool) []string {
	var names []string
	for _, c := range changes {
		if c.Restart == restart {
			names = append(names, c.Name)
		}
	}
	return names
}

func TestChanges(t *testing.T) {
	base := func() *Loaded {
		l := &Loaded{Settings: Defaults(), Service: defaultService()}
		l.Settings.Auth.PasswordFile, l.Settings.OAuth.KeySetFile = "a", "keys"
		return l
	}
	for name, c := range map[string]struct {
		change          func(*Loaded)
		applied, merged string // the names of changes, joined
	}{
		"nothing":        {func(*Loaded) {}, "", ""},
		"level":          {func(l *Loaded) { l.Settings.Log.Level = "debug" }, "TABCELL_LOG_LEVEL", ""},
		"password file":  {func(l *Loaded) { l.Settings.Auth.PasswordFile = "b" }, "TABCELL_PWD_FILE", ""},
		"tokens":         {func(l *Loaded) { l.Settings.OAuth.Enabled, l.Settings.OAuth.Issuer = true, "x" }, "TABCELL_OAUTH_ENABLED TABCELL_OAUTH_ISSUER", ""},
		"certificate":    {func(l *Loaded) { l.Settings.TLS.Certificate, l.Settings.TLS.ClientCA = "b", "c" }, "TABCELL_CERTIFICATE_FILE TABCELL_CLIENT_CA_FILE", ""},
		"no key set":     {func(l *Loaded) { l.Settings.OAuth.KeySetFile = "" }, "TABCELL_OAUTH_JWKS_FILE", ""},
		"port":           {func(l *Loaded) { l.Settings.Server.Port = 1 }, "", "TABCELL_PORT"},
		"protocol":       {func(l *Loaded) { l.Settings.TLS.Protocol, l.Settings.TLS.Key = "https", "b" }, "", "TABCELL_TRANSFER_PROTOCOL TABCELL_KEY_FILE"},
		"authentication": {func(l *Loaded) { l.Settings.Auth.PasswordFile = ""; l.Settings.Log.Level = "warn" }, "TABCELL_LOG_LEVEL", "TABCELL_PWD_FILE"},
		"state":          {func(l *Loaded) { l.Service.Name = "x" }, "", "state.ini"},
		"sections":       {func(l *Loaded) { l.PyLog = &pylog.Config{} }, "", "the logger sections"},
	} {
		running, next := base(), base()
		c.change(next)
		changes := Changes(running, next)
		if applied, restart := strings.Join(changedNames(changes, false), " "), strings.Join(changedNames(changes, true), " "); applied != c.applied || restart != c.merged {
			t.Errorf("%s: %q are applied and %q need a restart, want %q and %q", name, applied, restart, c.applied, c.merged)
		}
		merged := Merge(running, next)
		if left := Changes(merged, next); len(changedNames(left, false)) > 0 || strings.Join(changedNames(left, true), " ") != c.merged {
			t.Errorf("%s: after a merge, %v are left", name, left)
		}
		if c.applied == "" && len(Changes(running, merged)) > 0 {
			t.Errorf("%s: the merge changed %v", name, Changes(running, merged))
		}
	}
	running, next := base(), base()
	running.PyLog, next.PyLog = &pylog.Config{}, &pylog.Config{Text: "x"}
	if changes := Changes(running, next); !slices.Equal(changes, []Change{{"the logger sections", false}}) || Merge(running, next).PyLog != next.PyLog {
		t.Errorf("changed logger sections: %v", changes)
	}
}

// TestRunTimePathsExist checks that each entry stands for a setting.
func TestRunTimePathsExist(t *testing.T) {
	for _, p := range runTimePaths {
		if _, ok := find(func(s setting) bool { return strings.HasPrefix(s.path, p) }); !ok {
			t.Errorf("no setting has a path like %s", p)
		}
	}
}
