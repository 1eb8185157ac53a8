package httpapi

import (
	"net/http"

	"tabcell/httpapi/internal/pyjson"
)

// serverStatusBody is the state of the server for administrators.
type serverStatusBody struct {
	Audit       *AuditStats     `json:"audit"`             // null without an audit trail
	Confinement map[string]bool `json:"confinement"`       // whether each protection is up; null if nothing is known
	Damaged     []string        `json:"damaged"`           // names of endpoints whose manifest cannot be read
	Cluster     any             `json:"cluster,omitempty"` // the state of the cluster; absent on a single server
}

// serverStatus handles GET /status/server, which TabPy does not have.
func (a *API) serverStatus(req *request) (response, error) {
	b := serverStatusBody{Damaged: []string{}}
	if a.deps.Backup != nil {
		for _, d := range a.deps.Backup.DamagedManifests() {
			b.Damaged = append(b.Damaged, d.Name)
		}
	}
	if a.deps.AuditStats != nil {
		stats := a.deps.AuditStats.Stats()
		b.Audit = &stats
	}
	if a.deps.Replication != nil {
		b.Cluster = a.deps.Replication.Status(req.Request().Context())
	}
	if a.deps.Confinement != nil {
		b.Confinement = a.deps.Confinement.Confinement()
	}
	return response{http.StatusOK, jsonPlain, pyjson.Marshal(b)}, nil
}
