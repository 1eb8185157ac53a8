package httpapi

import (
	"context"
	"net/http"

	"tabcell/httpapi/internal/pyjson"
	"tabcell/runtime"
)

// readingServices lets the scripts of the console query endpoints, but not change them: a script may
// come with a link from someone else, who has fewer rights than the one who runs it.
type readingServices struct{ runtime.Services }

// Serve implements runtime.Services.
func (s readingServices) Serve(ctx context.Context, service runtime.Service, name string, body, code []byte) (int, []byte) {
	switch service {
	case runtime.ServiceQuery, runtime.ServiceList, runtime.ServiceStatus:
		return s.Services.Serve(ctx, service, name, body, code)
	}
	return http.StatusForbidden, pyjson.Marshal(errorBody{"A script in the console cannot change endpoints.", "Forbidden request: use the page Endpoints of the console."})
}
