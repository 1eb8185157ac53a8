package httpapi

import (
	"context"
	"encoding/json"
	"net/http"

	"tabcell/httpapi/internal/pyjson"
	"tabcell/runtime"
	"tabcell/runtime/registry"
)

// mostNested bounds how deep queries may call queries.
const maxQueryDepth = 8

// services is what a script or model may ask of this server while it runs, with the rights of who sent the request. It implements
// runtime.Services.
type services struct {
	x     *request
	depth int // queries above this one
}

// Serve answers as the route of the same purpose would.
func (s services) Serve(ctx context.Context, service runtime.Service, name string, body, code []byte) (int, []byte) {
	resp, err := s.serve(ctx, service, name, body, code)
	if err == nil {
		return resp.status, resp.body
	}
	f := s.x.api.failureOf(err)
	if f.message == "" { // a page, which a script cannot use
		f.message, f.info = http.StatusText(f.status), emptyObject{}
	}
	return f.status, pyjson.Marshal(errorBody{f.message, f.info})
}

// serviceNeeds is the permission of each service.
var servicePermissions = map[runtime.Service]permission{
	runtime.ServiceQuery: permQuery, runtime.ServiceList: permRead, runtime.ServiceStatus: permRead,
	runtime.ServiceDeploy: permDeploy, runtime.ServiceUpdate: permDeploy, runtime.ServiceRemove: permDeploy,
}

func (s services) serve(ctx context.Context, service runtime.Service, name string, body, code []byte) (response, error) {
	a := s.x.api
	needed, known := servicePermissions[service]
	if !known {
		return response{}, &tabpyError{404, "There is no such service.", emptyObject{}}
	}
	if a.deps.Authenticator != nil && !s.x.user.allowed(needed) {
		return response{}, errMissingScope
	}
	switch service {
	case runtime.ServiceList:
		return a.listEndpoints(s.x)
	case runtime.ServiceStatus:
		return a.status(s.x)
	case runtime.ServiceRemove:
		return response{status: http.StatusNoContent}, a.remove(ctx, name, s.x.user.Name)
	case runtime.ServiceUpdate:
		return s.update(ctx, name, body)
	case runtime.ServiceDeploy:
		return s.deploy(ctx, body, code)
	}
	return s.query(ctx, name, body)
}

func (s services) query(ctx context.Context, name string, body []byte) (response, error) {
	if s.depth >= maxQueryDepth {
		return response{}, &tabpyError{508, "Queries call each other too deeply.", emptyObject{}}
	}
	call := s.x.api.call(s.x, body)
	call.Services = services{s.x, s.depth + 1}
	result, err := s.x.api.queryModel(ctx, name, call)
	s.x.logOutput(result.Output)
	if err != nil {
		return response{}, err
	}
	return response{status: http.StatusOK, body: result.body()}, nil
}

// deployOrder are the keys of a deployment that are not TabPy's.
type deployOptions struct {
	Kind     registry.Kind `json:"kind"` // default pickle
	Function string        `json:"function"`
	Requires []string      `json:"requires"`
}

func (s services) deploy(ctx context.Context, body, code []byte) (response, error) {
	o := deployOptions{Kind: registry.Pickle}
	if err := json.Unmarshal(body, &o); err != nil {
		return response{}, &tabpyError{400, "Failed to decode input body", truncate(err.Error())}
	}
	content := &registry.Code{Kind: o.Kind, Function: o.Function, Requires: o.Requires, Content: code}
	return s.x.api.add(ctx, s.x, body, content)
}

// update: the client in a cell knows no staging folder, so it names none.
func (s services) update(ctx context.Context, name string, body []byte) (response, error) {
	a := s.x.api
	v, err := parseDeployBody(body)
	if err != nil {
		return response{}, err
	}
	e, ok := a.models.Get(name)
	if !ok {
		return response{}, updateError(name, registry.ErrNotFound)
	}
	o := deployRequest{name: name, members: v.Members}
	if _, err := o.about(e.Metadata); err != nil {
		return response{}, err
	}
	if e, err = a.models.changeAbout(o); err != nil {
		return response{}, updateError(name, err)
	}
	return endpointResponse(http.StatusOK, e), nil
}
