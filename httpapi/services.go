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
const mostNested = 8

// services is what a script or model may ask of this server while it runs, with the rights of who sent the request. It implements
// runtime.Services.
type services struct {
	x     *exchange
	depth int // queries above this one
}

// Serve answers as the route of the same purpose would.
func (s services) Serve(ctx context.Context, service runtime.Service, name string, body, code []byte) (int, []byte) {
	ans, err := s.serve(ctx, service, name, body, code)
	if err == nil {
		return ans.status, ans.body
	}
	f := s.x.api.failureOf(err)
	if f.message == "" { // a page, which a script cannot use
		f.message, f.info = http.StatusText(f.status), nothing{}
	}
	return f.status, pyjson.Marshal(errorBody{f.message, f.info})
}

// serviceNeeds is the permission of each service.
var serviceNeeds = map[runtime.Service]permission{
	runtime.ServiceQuery: query, runtime.ServiceList: read, runtime.ServiceStatus: read,
	runtime.ServiceDeploy: deploy, runtime.ServiceUpdate: deploy, runtime.ServiceRemove: deploy,
}

func (s services) serve(ctx context.Context, service runtime.Service, name string, body, code []byte) (answer, error) {
	a := s.x.api
	needed, known := serviceNeeds[service]
	if !known {
		return answer{}, &said{404, "There is no such service.", nothing{}}
	}
	if a.deps.Authenticator != nil && !s.x.user.may(needed) {
		return answer{}, errScope
	}
	switch service {
	case runtime.ServiceList:
		return a.listEndpoints(s.x)
	case runtime.ServiceStatus:
		return a.status(s.x)
	case runtime.ServiceRemove:
		return answer{status: http.StatusNoContent}, a.remove(ctx, name, s.x.user.Name)
	case runtime.ServiceUpdate:
		return s.update(ctx, name, body)
	case runtime.ServiceDeploy:
		return s.deploy(ctx, body, code)
	}
	return s.query(ctx, name, body)
}

func (s services) query(ctx context.Context, name string, body []byte) (answer, error) {
	if s.depth >= mostNested {
		return answer{}, &said{508, "Queries call each other too deeply.", nothing{}}
	}
	call := s.x.api.call(s.x, body)
	call.Services = services{s.x, s.depth + 1}
	f, err := s.x.api.ask(ctx, name, call)
	s.x.logOutput(f.Output)
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusOK, body: f.text()}, nil
}

// deployOrder are the keys of a deployment that are not TabPy's.
type deployOrder struct {
	Kind     registry.Kind `json:"kind"` // default pickle
	Function string        `json:"function"`
	Requires []string      `json:"requires"`
}

func (s services) deploy(ctx context.Context, body, code []byte) (answer, error) {
	o := deployOrder{Kind: registry.Pickle}
	if err := json.Unmarshal(body, &o); err != nil {
		return answer{}, &said{400, "Failed to decode input body", clip(err.Error())}
	}
	content := &registry.Code{Kind: o.Kind, Function: o.Function, Requires: o.Requires, Content: code}
	return s.x.api.add(ctx, s.x, body, content)
}

// update: the client in a cell knows no staging folder, so it names none.
func (s services) update(ctx context.Context, name string, body []byte) (answer, error) {
	a := s.x.api
	v, err := readOrder(body)
	if err != nil {
		return answer{}, err
	}
	e, ok := a.models.Get(name)
	if !ok {
		return answer{}, updating(name, registry.ErrUnknown)
	}
	o := order{name: name, members: v.Members}
	if _, err := o.about(e.About); err != nil {
		return answer{}, err
	}
	if e, err = a.models.changeAbout(o); err != nil {
		return answer{}, updating(name, err)
	}
	return changed(http.StatusOK, e), nil
}
