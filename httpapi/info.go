package httpapi

import (
	"net/http"

	"tabcell/httpapi/internal/pyjson"
)

// info handles GET /info. Tableau sends it for "Test Connection" and before every calculation.
func (a *API) info(*request) (response, error) {
	return response{http.StatusOK, jsonPlain, pyjson.Marshal(infoBody{
		Description:   a.cfg.Service.Description,
		CreationTime:  a.cfg.Service.CreationTime,
		StatePath:     a.cfg.StatePath, // GAP: TabPy discloses the real path of its state directory
		ServerVersion: a.cfg.Version,
		Name:          a.cfg.Service.Name,
		Versions: infoVersions{infoVersion{infoFeatures{
			Authentication:  a.authInfo(),
			EvaluateEnabled: a.cfg.EvaluateEnabled,
			GzipEnabled:     a.cfg.GzipRequests,
			ArrowEnabled:    a.cfg.Arrow,
		}}},
	})}, nil
}

// authInfo returns the enabled authentication methods, or nil if authentication is off.
func (a *API) authInfo() *infoAuthentication {
	if a.deps.Authenticator == nil {
		return nil
	}
	auth := infoAuthentication{Required: true}
	methods := a.deps.Authenticator.Methods()
	if methods.Basic {
		auth.Methods.Basic = &emptyObject{}
	}
	if methods.OAuth != nil {
		auth.Methods.OAuth = &infoOAuth{append([]string{}, methods.OAuth.RequiredScopes...), append([]string{}, methods.OAuth.EndpointScopes...), methods.OAuth.Enforced}
	}
	if methods.ClientCertificate {
		auth.Methods.ClientCertificate = &emptyObject{}
	}
	return &auth
}
