package consoleinfo

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"tabcell/authn"
	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/settings"
)

const grantSections = `[TabPy]
TABPY_PWD_FILE = %s

[Grant prices]
accounts = ann
endpoints = forecast
connect = https://prices.example.com
proxy = http://user:secret@proxy.example.com:3128
env = TOKEN=secret
max_connections = 2

[Grant all]
accounts = *
read = %s=C:\models

[Grant subject]
accounts = subject:s1
connect = tcp://db.example.com:5432
`

// Administrators see the grants and which accounts have them, but no secrets.
func TestGrants(t *testing.T) {
	dir := t.TempDir()
	file, passwords := filepath.Join(dir, "tabpy.conf"), filepath.Join(dir, "passwords")
	testenv.WriteFile(t, passwords, "")
	folder := t.TempDir()
	testenv.WriteFile(t, file, fmt.Sprintf(grantSections, passwords, folder))
	l, err := settings.Load(settings.Sources{File: file})
	if err != nil {
		t.Fatal(err)
	}
	a := newAdmin(l)
	list, more := a.Grants()
	if len(list) != 3 || more != 0 {
		t.Fatalf("%+v, %d more", list, more)
	}
	g := list[0]
	if text := fmt.Sprint(g.Name, g.Connect, g.Variables, g.Accounts, g.Endpoints, g.Proxy, g.MaxConnections, g.MaxMB); text !=
		"prices[https://prices.example.com:443] [TOKEN] [ann] [forecast]http://proxy.example.com:31282 64" {
		t.Errorf("%s", text)
	}
	if f := list[1].Folders; len(f) != 1 || f[0].Path != `C:\models` || f[0].Host == "" {
		t.Errorf("%+v", f)
	}
	if text, err := json.Marshal(list); err != nil || strings.Contains(string(text), "secret") || strings.Contains(string(text), "null") {
		t.Errorf("%s, %v", text, err)
	}

	table, err := authn.ParseRoleTable([]byte("account Ann admin\nsubject s1 query\nsubject ann query\nscope ann metrics\n"), authn.RoleEvaluate)
	if err != nil {
		t.Fatal(err)
	}
	a.Server.Accounts = func() KnownAccounts {
		return KnownAccounts{Authenticates: true, Passwords: []string{"ann", "bob"}, Roles: table}
	}
	accounts, err := a.Accounts()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, account := range accounts.Accounts {
		got = append(got, fmt.Sprint(account.Name, " ", account.Method, " ", account.Reach))
	}
	const want = "ann password [prices all]; bob password [all]; ann token subject [all]; s1 token subject [all subject]; ann token scope []"
	if text := strings.Join(got, "; "); text != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
}

// A configuration can have more grants than a page shows.
func TestManyGrants(t *testing.T) {
	l := loaded(t)
	l.Grants = make([]settings.Grant, maxGrants+3)
	if list, more := newAdmin(l).Grants(); len(list) != maxGrants || more != 3 {
		t.Errorf("%d grants, %d more", len(list), more)
	}
}
