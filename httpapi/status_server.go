package httpapi

import (
	"net/http"

	"tabcell/httpapi/internal/pyjson"
)

// serverStatusBody is the state of the server for administrators.
type serverStatusBody struct {
	Audit *AuditStats `json:"audit"` // null without an audit trail
}

// serverStatus handles GET /status/server, which TabPy does not have.
func (a *API) serverStatus(*request) (response, error) {
	var b serverStatusBody
	if a.deps.AuditStats != nil {
		stats := a.deps.AuditStats.Stats()
		b.Audit = &stats
	}
	return response{http.StatusOK, jsonPlain, pyjson.Marshal(b)}, nil
}
