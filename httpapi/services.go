package httpapi

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"tabcell/httpapi/internal/pyjson"
	"tabcell/runtime"
	"tabcell/runtime/registry"
)

// maxQueryDepth limits the nesting of queries that models send to other models.
const maxQueryDepth = 8

// services implements runtime.Services: it serves the requests that a running script or model sends
// to this server, with the permissions of the user whose request runs it.
type services struct {
	req   *request
	depth int // the number of enclosing queries
}

// Serve implements runtime.Services. The responses are those of the corresponding routes.
func (s services) Serve(ctx context.Context, service runtime.Service, name string, body, code []byte) (int, []byte) {
	resp, err := s.serve(ctx, service, name, body, code)
	if err == nil {
		return resp.status, resp.body
	}
	s.req.recordFailure(err, name)
	f := s.req.api.failureOf(err)
	if f.message == "" { // a script cannot use an error page
		f.message, f.info = http.StatusText(f.status), emptyObject{}
	}
	return f.status, pyjson.Marshal(errorBody{f.message, f.info})
}

// servicePermissions maps each service to the permission that it requires.
var servicePermissions = map[runtime.Service]permission{
	runtime.ServiceQuery: permQuery, runtime.ServiceList: permRead, runtime.ServiceStatus: permRead,
	runtime.ServiceDeploy: permDeploy, runtime.ServiceUpdate: permDeploy, runtime.ServiceRemove: permDeploy,
}

func (s services) serve(ctx context.Context, service runtime.Service, name string, body, code []byte) (response, error) {
	a := s.req.api
	required, ok := servicePermissions[service]
	if !ok {
		return response{}, &tabpyError{404, "The service does not exist.", emptyObject{}}
	}
	if err := s.req.user.check(required); err != nil {
		return response{}, err
	}
	switch service {
	case runtime.ServiceList:
		s.catchUp(ctx)
		return s.list(a.endpointList())
	case runtime.ServiceStatus:
		return s.list(a.statusList())
	case runtime.ServiceRemove:
		return response{status: http.StatusNoContent}, a.remove(ctx, name, s.req.user.Name)
	case runtime.ServiceUpdate:
		return s.update(ctx, name, body)
	case runtime.ServiceDeploy:
		return s.deploy(ctx, body, code)
	}
	return s.query(ctx, name, body)
}

// listWait is how long the list of a script waits for the changes of a cluster.
const listWait = 2 * time.Second

// catchUp makes the list current for a script that may change endpoints: the client in a cell
// decides from it whether an endpoint exists. A server that cannot catch up lists its own state.
func (s services) catchUp(ctx context.Context) {
	if s.req.user.check(permDeploy) != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, listWait)
	defer cancel()
	_ = s.req.api.models.catchUp(ctx)
}

// list returns a list of endpoints, which the runtime copies into the cell. It counts in the budget
// while it is written.
func (s services) list(all content) (response, error) {
	text := &countedBuffer{memory: s.req.memory()}
	err := all(text)
	s.req.memory().release(int64(cap(text.bytes)))
	return response{status: http.StatusOK, body: text.bytes}, err
}

func (s services) query(ctx context.Context, name string, body []byte) (response, error) {
	if s.depth >= maxQueryDepth {
		return response{}, &tabpyError{508, fmt.Sprintf("Queries are nested more than %d deep.", maxQueryDepth), emptyObject{}}
	}
	call := s.req.api.call(s.req, body)
	call.Services = services{s.req, s.depth + 1}
	result, err := s.req.api.queryModel(ctx, name, call)
	s.req.logOutput(result.Output)
	if err != nil {
		return response{}, err
	}
	return response{status: http.StatusOK, body: result.body()}, nil
}

// deployOptions holds the members of a deployment that TabPy does not have.
type deployOptions struct {
	Kind     registry.Kind `json:"kind"` // default: pickle
	Function string        `json:"function"`
	Requires []string      `json:"requires"`
}

func (s services) deploy(ctx context.Context, body, code []byte) (response, error) {
	o := deployOptions{Kind: registry.Pickle}
	if err := json.Unmarshal(body, &o); err != nil {
		return response{}, &tabpyError{400, "Failed to decode input body", truncate(err.Error())}
	}
	content := &registry.Code{Kind: o.Kind, Function: o.Function, Requires: o.Requires, Content: code}
	return s.req.api.add(ctx, s.req, body, content)
}

// update changes the metadata of an endpoint. It does not require src_path, because the client in a
// cell has no staging folder.
func (s services) update(ctx context.Context, name string, body []byte) (response, error) {
	a := s.req.api
	v, err := parseDeployBody(body)
	if err != nil {
		return response{}, err
	}
	old, err := a.models.current(ctx, name)
	switch {
	case err != nil:
		return response{}, err
	case old.Name == "":
		return response{}, updateError(name, registry.ErrNotFound)
	}
	d := deployRequest{name: name, members: v.Members}
	if _, err := d.metadata(old.Metadata); err != nil {
		return response{}, err
	}
	e, err := a.models.changeMetadata(ctx, d, old)
	if err != nil {
		return response{}, updateError(name, err)
	}
	return endpointResponse(http.StatusOK, e), nil
}
