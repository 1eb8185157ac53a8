package server

import (
	"context"

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

// openRoles reads the roles file, if one is configured.
func (a *authenticator) openRoles(s settings.Auth) (err error) {
	if s.RolesFile == "" {
		table := authn.NewRoleTable(defaultRoles(s))
		a.authority.Roles = func() *authn.RoleTable { return table }
		return nil
	}
	if a.roles, err = authn.OpenRoles(s.RolesFile, defaultRoles(s)); err != nil {
		return err
	}
	a.authority.Roles = a.roles.Table
	return nil
}

// watchRoles reads the roles file again when it changes, until ctx is done. It does nothing if a is
// nil or has no such file.
func (a *authenticator) watchRoles(ctx context.Context, record func(httpapi.AuditEvent)) {
	if a == nil || a.roles == nil {
		return
	}
	a.roles.Watch(ctx, reloadInterval, func(err error) {
		e := httpapi.AuditEvent{Kind: httpapi.AuditReload, Outcome: httpapi.AuditOK, Reason: "roles file"}
		if err != nil {
			a.log.Warn().Msg(err.Error() + "; the last good copy stays in effect")
			e.Outcome = httpapi.AuditFailed
		} else {
			a.log.Info().Msg("the roles file was read again")
		}
		record(e)
	})
}
