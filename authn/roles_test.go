package authn

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestParseRoles(t *testing.T) {
	for list, want := range map[string]Roles{"none": 0, "query": RoleQuery, "evaluate, query,deploy": RoleEvaluate | RoleQuery | RoleDeploy,
		"admin,metrics,admin": RoleAdmin | RoleMetrics} {
		if got, err := ParseRoles(list); got != want || err != nil {
			t.Errorf("ParseRoles(%q) = %b, %v, want %b", list, got, err, want)
		}
	}
	for _, list := range []string{"", "root", "query,,deploy", "none,query", "Query", "query;deploy"} {
		if got, err := ParseRoles(list); err == nil {
			t.Errorf("ParseRoles(%q) = %b, want an error", list, got)
		}
	}
}

const rolesText = `# roles
account Ann evaluate,query
account "two words" deploy

subject auth0|7 query
scope tabpy:ops metrics,admin
scope tabpy:deploy deploy
account nobody none
`

func TestRoleTable(t *testing.T) {
	table, err := ParseRoleTable([]byte(rolesText), RoleMetrics)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]Roles{"ann": RoleEvaluate | RoleQuery, "ANN": RoleEvaluate | RoleQuery, "two words": RoleDeploy,
		"bob": RoleMetrics, "nobody": 0, "auth0|7": RoleMetrics} {
		if got := table.OfAccount(name); got != want {
			t.Errorf("account %s has roles %b, want %b", name, got, want)
		}
	}
	for _, c := range []struct {
		claims Claims
		want   Roles
	}{
		{Claims{Subject: "auth0|7"}, RoleQuery},
		{Claims{Subject: "auth0|7", Scopes: []string{"tabpy:ops", "other"}}, RoleQuery | RoleMetrics | RoleAdmin},
		{Claims{Subject: "x", Scopes: []string{"tabpy:deploy"}}, RoleDeploy},
		{Claims{Subject: "x", Scopes: []string{"Tabpy:deploy"}}, RoleMetrics},
		{Claims{Subject: "ann"}, RoleMetrics}, // an account is not a subject
		{Claims{}, RoleMetrics},
	} {
		if got := table.OfToken(c.claims); got != c.want {
			t.Errorf("token %+v has roles %b, want %b", c.claims, got, c.want)
		}
	}
}

func TestRoleTableErrors(t *testing.T) {
	for text, want := range map[string]string{
		"account ann root":                        "line 1: \"root\" is not a role; use a list of",
		"\nuser ann query":                        "line 2: expected a kind",
		"account ann":                             "line 1: expected a kind",
		"account ann query deploy":                "line 1: expected a kind",
		"account  query":                          "line 1: the name is empty",
		"account ann query\naccount ANN deploy":   "line 2: account \"ann\" is already on line 1",
		"account \"ann query":                     "line 1: a quote is not closed",
		"account \xff query":                      "line 1: it is not UTF-8 text",
		strings.Repeat("x\n", 2*maxLineErrors):    "line 20: expected a kind",
		"account ann evaluate,query\nscope a b\n": "line 2: \"b\" is not a role",
	} {
		if _, err := ParseRoleTable([]byte(text), 0); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", text, err, want)
		} else if n := strings.Count(err.Error(), "\n"); n >= maxLineErrors {
			t.Errorf("%q: %d lines of errors", text, n+1)
		}
	}
}

// TestRoleFile checks that a change takes effect and that an invalid one does not.
func TestRoleFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "roles.txt")
	write := func(text string) {
		t.Helper()
		temporary := path + ".new"
		if err := os.WriteFile(temporary, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(temporary, path); err != nil {
			t.Fatal(err)
		}
	}
	write("account ann query")
	f, err := OpenRoles(path, 0)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	reports, done := make(chan error), make(chan struct{})
	go func() {
		defer close(done)
		f.Watch(ctx, time.Millisecond, func(err error) { reports <- err })
	}()
	write("account ann deploy,query")
	if err := <-reports; err != nil || f.Table().OfAccount("ann") != RoleDeploy|RoleQuery {
		t.Errorf("roles %b after a change, error %v", f.Table().OfAccount("ann"), err)
	}
	write("account ann everything, please")
	if err := <-reports; err == nil || f.Table().OfAccount("ann") != RoleDeploy|RoleQuery {
		t.Errorf("roles %b after an invalid change, error %v", f.Table().OfAccount("ann"), err)
	}
	cancel()
	<-done
	if _, err := OpenRoles(filepath.Join(t.TempDir(), "none"), 0); err == nil {
		t.Error("a missing file was accepted")
	}
}

func FuzzParseRoleTable(f *testing.F) {
	f.Add([]byte(rolesText))
	f.Add([]byte("account \"\" query\r\nscope \"a\"\" b\" none"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		table, err := ParseRoleTable(raw, RoleQuery)
		if err != nil {
			return
		}
		for name, entry := range table.Accounts {
			if table.OfAccount(name) != entry.Roles || entry.Roles&^AllRoles != 0 {
				t.Errorf("account %q has roles %b, want %b", name, table.OfAccount(name), entry.Roles)
			}
		}
	})
}
