package httpapi

import "net/http"

// info answers GET /info, which is Tableau's "Test Connection" and precedes every calculation.
func (a *API) info(*exchange) (answer, error) {
	return answer{http.StatusOK, jsonPlain, encode(infoBody{
		Description:   a.cfg.Service.Description,
		CreationTime:  a.cfg.Service.CreationTime,
		StatePath:     a.cfg.StatePath, // GAP: TabPy tells the real path of its state directory
		ServerVersion: a.cfg.Version,
		Name:          a.cfg.Service.Name,
		Versions: versions{version{features{
			EvaluateEnabled: a.cfg.EvaluateEnabled,
			GzipEnabled:     a.cfg.GzipRequests,
		}}},
	})}, nil
}
