package httpapi

import (
	"fmt"
	"strings"
	"testing"
)

// TestEachRouteRequiresOneRole walks the route table as users with one role each. A route that
// needs a role admits only the user who has it; the others admit everyone.
func TestEachRouteRequiresOneRole(t *testing.T) {
	s := newEndpointServer(t, permissionAuthenticator{}, func(c *Config) { c.Metrics = true })
	users := map[string]Roles{"x": 0, "e": RoleEvaluate, "q": RoleQuery, "d": RoleDeploy, "m": RoleMetrics, "a": RoleAdmin}
	used := Roles(0)
	for _, r := range s.api.routes() {
		need := permissionRoles[r.permission]
		if need&(need-1) != 0 {
			t.Errorf("%s %s needs several roles: %s", r.method, r.path, need)
		}
		used |= need
		for name, roles := range users {
			got := s.do(r.method, strings.ReplaceAll(r.path, ":name", "m"), "", asUser(name)...)
			if (got.StatusCode == 403) != (need != 0 && need != roles) {
				t.Errorf("%s %s with the roles %q: status %d; the route needs %q", r.method, r.path, roles, got.StatusCode, need)
			}
			if got.StatusCode == 403 && !strings.Contains(got.body, fmt.Sprintf(`requires the role \"%s\"`, need)) {
				t.Errorf("%s %s does not name the missing role %s: %s", r.method, r.path, need, got.body)
			}
		}
	}
	if all := AllRoles &^ RoleGrant; used != all { // which only some endpoints need, on routes that need another role
		t.Errorf("routes use the roles %s, but not %s", used, all&^used)
	}
}

// TestAnonymousRoles checks the roles of clients while authentication is off.
func TestAnonymousRoles(t *testing.T) {
	for name, c := range map[string]struct {
		roles  Roles
		status map[string]int
	}{
		"default": {0, map[string]int{"GET /info": 200, "POST /evaluate": 200, "GET /metrics": 200, "GET /status/server": 403, "PUT /endpoints/x/source": 501}},
		"none": {RoleNone, map[string]int{"GET /info": 200, "POST /evaluate": 403, "GET /metrics": 403, "GET /status/server": 403,
			"PUT /endpoints/x/source": 403, "GET /query/x": 403}},
		"admin": {RoleNone | RoleAdmin, map[string]int{"GET /status/server": 200, "POST /evaluate": 403}},
	} {
		srv := newTestServer(t, func(cfg *Config) { cfg.AnonymousRoles, cfg.Metrics = c.roles, true })
		for route, want := range c.status {
			method, path, _ := strings.Cut(route, " ")
			if got := srv.do(method, path, `{"script": "return 1", "data": {}}`); got.StatusCode != want {
				t.Errorf("%s: %s returned %d, want %d: %s", name, route, got.StatusCode, want, got.body)
			}
		}
	}
}

func TestRoleNames(t *testing.T) {
	if got := AllRoles.String(); got != "evaluate, query, deploy, metrics, admin, grant" {
		t.Errorf("AllRoles is %s", got)
	}
	if got := RoleNone.String(); got != "" {
		t.Errorf("RoleNone is %q", got)
	}
}
