package consoleinfo

import (
	"slices"

	"tabcell/authn"
	"tabcell/httpapi/console"
)

// KnownAccounts has the accounts that the configuration names.
type KnownAccounts struct {
	Authenticates bool
	Passwords     []string         // names in the password file, sorted
	Roles         *authn.RoleTable // nil if authentication is off
	Anonymous     authn.Roles      // of all clients while authentication is off
}

// maxAccounts limits the accounts that are shown.
const maxAccounts = 1000

// grants has the rights of each role, in the order of the roles.
var grants = []struct {
	role authn.Roles
	text string
}{
	{authn.RoleEvaluate, "run scripts"},
	{authn.RoleQuery, "query all endpoints"},
	{authn.RoleDeploy, "deploy, change and remove all endpoints"},
	{authn.RoleMetrics, "read the metrics"},
	{authn.RoleAdmin, "see the state of the server and the failures of all accounts, and download endpoints with their code"},
	{authn.RoleGrant, "deploy code for endpoints that have grants, together with the role deploy"},
}

// Accounts implements console.Admin.
func (a *Admin) Accounts() (console.Accounts, error) {
	known := a.Server.Accounts()
	if !known.Authenticates {
		return console.Accounts{DefaultRoles: names(known.Anonymous), Anonymous: true}, nil
	}
	out := console.Accounts{DefaultRoles: names(known.Roles.Fallback())}
	inForce := a.Loaded().Grants
	for _, name := range known.Passwords {
		out.Accounts = append(out.Accounts, newAccount(name, "password", known.Roles.OfAccount(name)))
	}
	methods := map[string]string{"account": "roles file", "subject": "token subject", "scope": "token scope"}
	for _, n := range known.Roles.Named() {
		if _, listed := slices.BinarySearch(known.Passwords, n.Name); n.Kind != "account" || !listed {
			out.Accounts = append(out.Accounts, newAccount(n.Name, methods[n.Kind], n.Roles))
		}
	}
	for i := range out.Accounts {
		out.Accounts[i].Reach = reach(inForce, out.Accounts[i])
	}
	if out.More = len(out.Accounts) - maxAccounts; out.More <= 0 {
		out.More = 0
		return out, nil
	}
	out.Accounts = out.Accounts[:maxAccounts]
	return out, nil
}

func newAccount(name, method string, roles authn.Roles) console.Account {
	account := console.Account{Name: name, Method: method, Roles: names(roles), Grants: []string{}}
	for _, g := range grants {
		if roles&g.role != 0 {
			account.Grants = append(account.Grants, g.text)
		}
	}
	return account
}

// names returns the names of roles, whose bits are the same in both packages.
func names(roles authn.Roles) []string { return console.Roles(roles).Names() }
