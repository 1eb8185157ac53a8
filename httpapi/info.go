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
			Authentication:  a.authentication(),
			EvaluateEnabled: a.cfg.EvaluateEnabled,
			GzipEnabled:     a.cfg.GzipRequests,
		}}},
	})}, nil
}

// authentication tells the methods that are on; nil, which leaves it out, when there are none.
func (a *API) authentication() *infoAuthentication {
	if a.deps.Authenticator == nil {
		return nil
	}
	told := infoAuthentication{Required: true}
	on := a.deps.Authenticator.Methods()
	if on.Basic {
		told.Methods.Basic = &emptyObject{}
	}
	if on.OAuth != nil {
		told.Methods.OAuth = &infoOAuth{append([]string{}, on.OAuth.RequiredScopes...), append([]string{}, on.OAuth.EndpointScopes...), on.OAuth.Enforced}
	}
	return &told
}
