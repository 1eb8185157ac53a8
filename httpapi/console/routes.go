package console

import (
	"net/url"
	"strings"
)

// apiPath is the path of all resources, below the base path of the server.
const apiPath = "/console/api/v1"

// The routes that run scripts, query endpoints, and deploy them.
const (
	RunRoute    = apiPath + "/run"
	QueryRoute  = apiPath + "/endpoints/{name}/query"
	DeployRoute = apiPath + "/endpoints"
)

// access is the condition under which a route serves a request.
type access int

const (
	open     access = iota // everyone: the files of the console contain no secrets
	signedIn               // clients with a session, or all while authentication is off
	anyone                 // everyone, but requests that change something need the CSRF token
)

type route struct {
	method, path string
	access       access
	roles        Roles // with signedIn: one of them is needed; 0 for none
	handle       Handler
}

// table returns the routes. A segment in braces matches any segment.
func (c *Console) table() []route {
	return append(c.pageRoutes(),
		route{"GET", "/console/", open, 0, c.redirectToPage},
		route{"GET", "/console/assets/{file}", open, 0, c.asset},
		route{"GET", apiPath + "/openapi.json", open, 0, c.openAPI},

		route{"GET", apiPath + "/session", anyone, 0, c.getSession},
		route{"POST", apiPath + "/session", anyone, 0, c.signIn},
		route{"DELETE", apiPath + "/session", anyone, 0, c.signOut},

		route{"POST", RunRoute, signedIn, RoleEvaluate, c.run},

		route{"GET", apiPath + "/endpoints", signedIn, 0, c.listEndpoints},
		route{"POST", DeployRoute, signedIn, RoleDeploy, c.deployEndpoint},
		route{"GET", apiPath + "/endpoints/{name}", signedIn, 0, c.getEndpoint},
		route{"DELETE", apiPath + "/endpoints/{name}", signedIn, RoleDeploy, c.removeEndpoint},
		route{"POST", apiPath + "/endpoints/{name}/rollback", signedIn, RoleDeploy, c.rollBackEndpoint},
		route{"POST", QueryRoute, signedIn, RoleQuery, c.queryEndpoint},
		route{"GET", apiPath + "/endpoints/{name}/download", signedIn, RoleAdmin, c.downloadEndpoint},

		route{"GET", apiPath + "/load", signedIn, 0, c.getLoad},
		route{"GET", apiPath + "/load/events", signedIn, 0, c.loadEvents},

		route{"GET", apiPath + "/errors", signedIn, 0, c.listErrors},
		route{"GET", apiPath + "/errors/{id}", signedIn, 0, c.getError},

		route{"GET", apiPath + "/admin/settings", signedIn, RoleAdmin, c.adminRoute(showSettings)},
		route{"GET", apiPath + "/admin/libraries", signedIn, RoleAdmin, c.adminRoute(showLibraries)},
		route{"GET", apiPath + "/admin/doctor", signedIn, RoleAdmin, c.adminRoute(showDoctor)},
		route{"GET", apiPath + "/admin/audit", signedIn, RoleAdmin, c.adminRoute(showAudit)},
		route{"GET", apiPath + "/admin/certificates", signedIn, RoleAdmin, c.adminRoute(showCertificates)},
		route{"GET", apiPath + "/admin/accounts", signedIn, RoleAdmin, c.adminRoute(c.showAccounts)},
		route{"GET", apiPath + "/admin/grants", signedIn, RoleAdmin, c.adminRoute(showGrants)},
		route{"GET", apiPath + "/admin/nodes", signedIn, RoleAdmin, c.getNodes},

		route{"GET", apiPath + "/manual", signedIn, 0, c.listManual},
		route{"GET", apiPath + "/manual/{topic}", signedIn, 0, c.manualPage},
		route{"GET", apiPath + "/manual/images/{file}", signedIn, 0, c.manualImage},
	)
}

// pages lists the paths that a browser shows.
var pages = []string{
	"/console", "/console/endpoints", "/console/endpoints/{name}", "/console/load", "/console/errors", "/console/errors/{id}", "/console/admin",
	"/console/manual", "/console/manual/{topic}",
}

func (c *Console) pageRoutes() []route {
	routes := make([]route, len(pages))
	for i, path := range pages {
		routes[i] = route{"GET", path, open, 0, c.page("shell")}
		if path == "/console" {
			routes[i].handle = c.page("playground")
		}
	}
	return routes
}

// match returns the parameters of a route's path, by name, if it matches the escaped path of a
// request. No parameter is empty, and none is a part of a path that leads elsewhere.
func (r route) match(escaped string) (parameters map[string]string, ok bool) {
	wanted, got := strings.Split(r.path, "/"), strings.Split(escaped, "/")
	if len(wanted) != len(got) {
		return nil, false
	}
	for i, segment := range wanted {
		text, err := url.PathUnescape(got[i])
		name, isParameter := strings.CutPrefix(segment, "{")
		switch {
		case err != nil, !isParameter && text != segment, isParameter && (text == "" || text == "." || text == ".."):
			return nil, false
		case isParameter:
			if parameters == nil {
				parameters = map[string]string{}
			}
			parameters[strings.TrimSuffix(name, "}")] = text
		}
	}
	return parameters, true
}
