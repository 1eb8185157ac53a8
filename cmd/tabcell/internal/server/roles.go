package server

import (
	"tabcell/authn"
	"tabcell/httpapi"
	"tabcell/settings"
)

// defaultRoles returns the roles of clients that the roles file does not name.
func defaultRoles(a settings.Auth) authn.Roles {
	roles, err := authn.ParseRoles(a.DefaultRoles)
	if err != nil {
		panic(err) // cannot happen: the settings permit only valid lists
	}
	return roles
}

// anonymousRoles returns the roles of all clients while authentication is off.
func anonymousRoles(a settings.Auth) httpapi.Roles {
	return httpapi.Roles(defaultRoles(a)) | httpapi.RoleNone
}

// openRoles reads the roles file, if one is configured, or keeps it.
func (o *opener) openRoles() (err error) {
	fallback := defaultRoles(o.auth)
	if o.auth.RolesFile == "" {
		table := authn.NewRoleTable(fallback)
		o.authority.Roles = func() *authn.RoleTable { return table }
		return nil
	}
	if p := o.previous; p != nil && p.auth.RolesFile == o.auth.RolesFile && p.auth.DefaultRoles == o.auth.DefaultRoles {
		o.roles = p.roles
		err = o.keep(o.roles.Prepare)
	} else {
		o.roles, err = authn.OpenRoles(o.auth.RolesFile, fallback)
	}
	if err == nil {
		o.authority.Roles = o.roles.Table
	}
	return err
}

// reportRoles logs and records the result of reading the roles file again.
func (a *authenticator) reportRoles(err error) {
	e := httpapi.AuditEvent{Kind: httpapi.AuditReload, Outcome: httpapi.AuditOK, Reason: "roles file"}
	if err != nil {
		a.log.Warn().Msg(err.Error() + "; the last good copy stays in effect")
		e.Outcome = httpapi.AuditFailed
	} else {
		a.log.Info().Msg("the roles file was read again")
	}
	a.record(e)
}
