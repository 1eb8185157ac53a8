package doctor

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tabcell/settings"
)

func TestCheckRoles(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	passwords := write("pwd.txt", "ann b8a63cf5\n") // a hash in no scheme: the account exists, but cannot sign in
	for name, c := range map[string]struct {
		roles    string
		clientCA string
		want     Severity
		text     string
	}{
		"known":        {"account Ann query\nscope s deploy\n", "", OK, "names 1 accounts, all of which exist"},
		"unknown":      {"account ann query\naccount bob\u202e deploy\naccount eve query\n", "", Warning, "does not have: bob"},
		"certificates": {"account bob deploy\n", "ca.pem", OK, "only client certificates can have: bob (line 1)"},
		"invalid":      {"account ann root\nx\n", "", Failure, `line 1: "root" is not a role`},
	} {
		s := settings.Defaults()
		s.Auth.PasswordFile, s.Auth.RolesFile, s.TLS.ClientCA = passwords, write("roles.txt", c.roles), c.clientCA
		got := checkRoles(s)
		if len(got) != 1 || got[0].Severity != c.want || !strings.Contains(got[0].Text, c.text) || strings.Contains(got[0].Text, "\u202e") {
			t.Errorf("%s: %+v, want %s with %q", name, got, c.want, c.text)
		}
	}
	s := settings.Defaults()
	if got := checkRoles(s); got != nil {
		t.Errorf("without a roles file: %+v", got)
	}
	s.Auth.RolesFile = filepath.Join(dir, "none")
	if got := checkRoles(s); len(got) != 1 || got[0].Severity != Failure {
		t.Errorf("with a missing roles file: %+v", got)
	}
}

func TestCheckAudit(t *testing.T) {
	dir := t.TempDir()
	for to, want := range map[string]Severity{"": "", "stdout": OK, "syslog": OK, filepath.Join(dir, "audit.jsonl"): OK, filepath.Join(dir, "none", "audit.jsonl"): Failure} {
		got := checkAudit(settings.Audit{To: to})
		if want == "" && got != nil || want != "" && (len(got) != 1 || got[0].Severity != want) {
			t.Errorf("%q: %+v, want %q", to, got, want)
		}
	}
	if files, _ := os.ReadDir(dir); len(files) != 0 {
		t.Errorf("the check leaves %v", files)
	}
}
