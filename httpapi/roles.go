package httpapi

import (
	"fmt"
	"strings"
)

// Roles is a set of roles. Each permits the requests of some routes; see permission.
type Roles uint8

// The roles.
const (
	RoleEvaluate Roles = 1 << iota // run scripts
	RoleQuery                      // query deployed endpoints
	RoleDeploy                     // deploy, change and remove endpoints
	RoleMetrics                    // read the metrics
	RoleAdmin                      // read the state of the server, and export endpoints with their code
	RoleGrant                      // deploy the code of endpoints that have grants, together with RoleDeploy

	// RoleNone is in no user's set. In a configuration it makes a set without roles differ from the
	// zero value.
	RoleNone Roles = 1 << 7
)

const (
	// DefaultRoles are the permissions of every client in TabPy.
	DefaultRoles = RoleEvaluate | RoleQuery | RoleDeploy | RoleMetrics
	// AllRoles has every role.
	AllRoles = DefaultRoles | RoleAdmin | RoleGrant
)

// roleNames has the names of the roles, in the order of their bits.
var roleNames = []string{"evaluate", "query", "deploy", "metrics", "admin", "grant"}

// String returns the names of the roles, separated by commas.
func (r Roles) String() string {
	var names []string
	for i, name := range roleNames {
		if r&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// permission is the permission that a route requires. Clients that send credentials while
// authentication is off get 406 on every route whose permission is not permNone.
type permission uint8

const (
	permNone     permission = iota // no credentials needed
	permRead                       // read the state and the list of endpoints; every client may, with or without a role
	permQuery                      // query deployed endpoints
	permEvaluate                   // run scripts
	permDeploy                     // change endpoints
	permMetrics                    // read the metrics
	permAdmin                      // read the state of the server
)

// permissionRoles maps each permission to the role that grants it. Zero means that none is needed.
var permissionRoles = [...]Roles{permNone: 0, permRead: 0, permQuery: RoleQuery, permEvaluate: RoleEvaluate, permDeploy: RoleDeploy,
	permMetrics: RoleMetrics, permAdmin: RoleAdmin}

// missingRoleError reports that a user lacks the role that a route or a service requires.
type missingRoleError struct {
	role          Roles
	authenticated bool
}

func (e *missingRoleError) Error() string { return fmt.Sprintf("the role %q is missing", e.role) }

// check returns an error unless u has permission p: errMissingScope if the user's token lacks a
// scope that TabPy requires, or else a *missingRoleError.
func (u User) check(p permission) error {
	role := permissionRoles[p]
	switch {
	case role&^u.Scopes != 0:
		return errMissingScope
	case role&^u.Roles != 0:
		return &missingRoleError{role, u.Account != ""}
	}
	return nil
}

// missingRoleFailure names the role and the way to get it.
func missingRoleFailure(_ *API, e *missingRoleError) failure {
	advice := "an administrator can grant it to this account in the file of TABCELL_ROLES_FILE"
	if !e.authenticated {
		advice = "clients without an account do not have it (TABCELL_DEFAULT_ROLES)"
	}
	return failure{403, fmt.Sprintf("This request requires the role %q.", e.role), "Forbidden request: " + advice + ".", 0}
}
