package consoleinfo

import (
	"net/url"
	"slices"
	"strings"

	"tabcell/httpapi/console"
	"tabcell/settings"
)

// maxGrants limits the grants that are shown.
const maxGrants = 500

// Grants implements console.Admin.
func (a *Admin) Grants() (list []console.GrantInForce, more int) {
	all := a.Loaded().Grants
	for _, g := range all[:min(len(all), maxGrants)] {
		list = append(list, newGrant(g))
	}
	return list, len(all) - len(list)
}

func newGrant(g settings.Grant) console.GrantInForce {
	out := console.GrantInForce{
		Name: g.Name, Folders: []console.GrantFolder{}, Connect: []string{}, Variables: []string{}, Accounts: append([]string{}, g.Accounts...),
		Endpoints: append([]string{}, g.Endpoints...), CA: g.CA, Proxy: withoutCredentials(g.Proxy), MaxConnections: g.MaxConnections, MaxMB: g.MaxMB,
	}
	for _, f := range g.Folders {
		out.Folders = append(out.Folders, console.GrantFolder{Path: f.Guest, Host: f.Host})
	}
	for _, t := range g.Targets {
		out.Connect = append(out.Connect, t.String())
	}
	for _, v := range g.Env {
		out.Variables = append(out.Variables, v.Name)
	}
	return out
}

// withoutCredentials returns the scheme and the host of a URL.
func withoutCredentials(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// reach returns the names of the grants that scripts of an account may use, with
// those for every client. A scope has none: it does not stand for an account.
func reach(all []settings.Grant, account console.Account) []string {
	names := []string{}
	for _, g := range all {
		if slices.ContainsFunc(g.Accounts, func(user string) bool { return isUser(user, account) }) {
			names = append(names, g.Name)
		}
	}
	return names
}

// isUser reports whether a user as a grant names it is the account.
func isUser(user string, account console.Account) bool {
	subject, isSubject := strings.CutPrefix(user, settings.SubjectPrefix)
	switch {
	case account.Method == "token scope":
		return false
	case user == settings.AnyAccount:
		return true
	case account.Method == "token subject":
		return isSubject && subject == account.Name
	}
	return !isSubject && strings.EqualFold(user, account.Name)
}
