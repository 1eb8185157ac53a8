package console

import "fmt"

// Roles is a set of roles, with the same bits as in package httpapi.
type Roles uint8

// The roles.
const (
	RoleEvaluate Roles = 1 << iota
	RoleQuery
	RoleDeploy
	RoleMetrics
	RoleAdmin
	RoleGrant
)

var roleNames = []string{"evaluate", "query", "deploy", "metrics", "admin", "grant"}

// Names returns the names of the roles, and an empty slice if there is none.
func (r Roles) Names() []string {
	names := []string{}
	for i, name := range roleNames {
		if r&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return names
}

// Any reports whether one of the wanted roles is in r. It is true if none is wanted.
func (r Roles) Any(wanted Roles) bool { return wanted == 0 || r&wanted != 0 }

// missingRole is the error of a request whose user has none of the roles that its route needs.
func missingRole(wanted Roles, u User) *Error {
	text := ""
	for i, name := range wanted.Names() {
		if i > 0 {
			text += " or "
		}
		text += fmt.Sprintf("%q", name)
	}
	advice := "An administrator can grant it to this account in the file of TABCELL_ROLES_FILE."
	if u.Account == "" {
		advice = "Clients without an account do not have it (TABCELL_DEFAULT_ROLES)."
	}
	return &Error{Status: 403, Code: "forbidden", Message: "This needs the role " + text + ".", Advice: advice}
}
