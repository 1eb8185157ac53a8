package httpapi

import (
	"net/http"

	"tabcell/httpapi/internal/pyjson"
)

// info answers GET /info, which is Tableau's "Test Connection" and precedes every calculation.
func (a *API) info(*request) (response, error) {
	return response{http.StatusOK, jsonPlain, pyjson.Marshal(infoBody{
		Description:   a.cfg.Service.Description,
		CreationTime:  a.cfg.Service.CreationTime,
		StatePath:     a.cfg.StatePath, // GAP: TabPy tells the real path of its state directory
		ServerVersion: a.cfg.Version,
		Name:          a.cfg.Service.Name,
		Versions: infoVersions{infoVersion{infoFeatures{
			Authentication:  a.authInfo(),
			EvaluateEnabled: a.cfg.EvaluateEnabled,
			GzipEnabled:     a.cfg.GzipRequests,
		}}},
	})}, nil
}

// authentication tells the methods that are on; nil, which leaves it out, when there are none.
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
	return &auth
}
