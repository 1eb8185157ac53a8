package cli

import (
	"fmt"
	"strings"

	"tabcell/settings"
)

// describeGrants prints one line for each grant, with its content and its users.
func (a *App) describeGrants(all []settings.Grant) {
	for _, g := range all {
		fmt.Fprintf(a.Stdout, "grant %s: %s; for %s\n", g.Name, grantContent(g), grantUsers(g))
	}
}

// grantContent describes the folders, targets and variables of a grant.
func grantContent(g settings.Grant) string {
	var parts []string
	for _, f := range g.Folders {
		text := "read " + f.Host
		if f.Guest != f.Host {
			text += " at " + f.Guest
		}
		parts = append(parts, text)
	}
	for _, t := range g.Targets {
		parts = append(parts, "connect to "+t.String())
	}
	for _, v := range g.Env {
		parts = append(parts, "variable "+v.Name)
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, ", ")
}

// grantUsers describes who may use a grant.
func grantUsers(g settings.Grant) string {
	var parts []string
	for _, account := range g.Accounts {
		switch {
		case account == settings.AnyAccount && g.AllowAnonymous:
			parts = append(parts, "everyone")
		case account == settings.AnyAccount:
			parts = append(parts, "all accounts")
		default:
			parts = append(parts, "account "+account)
		}
	}
	for _, name := range g.Endpoints {
		parts = append(parts, "endpoint "+name)
	}
	if len(parts) == 0 {
		return "nobody"
	}
	return strings.Join(parts, ", ")
}
