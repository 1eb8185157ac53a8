package httpapi

import (
	"context"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/rs/zerolog"

	"tabcell/httpapi/internal/pyjson"
	"tabcell/runtime/registry"
)

// addEndpoint handles POST /endpoints.
func (a *API) addEndpoint(req *request) (response, error) {
	body, err := a.readBody(req)
	if err != nil {
		return response{}, err
	}
	return a.add(req.ownedContext(), req, body, nil)
}

// add deploys the endpoint that the body of POST /endpoints describes. code is the model's code, or
// nil if the body contains or names it.
//
// TabPy loads an endpoint after it has added it, and answers 201 whether that works or not; its
// client then polls /status. If the body itself contains the code, a failure to load is reported
// instead, and nothing is changed.
func (a *API) add(ctx context.Context, req *request, body []byte, code *registry.Code) (response, error) {
	if a.deps.Models == nil {
		return response{}, errDeployUnavailable
	}
	v, err := parseDeployBody(body)
	if err != nil {
		return response{}, err
	}
	d, err := parseAddRequest(v)
	if err != nil {
		return response{}, addError("", err)
	}
	d.code, d.memory = code, req.memory()
	kind, _ := d.str("type")
	replace := d.isTrue("override") && (d.hasCode() || kind == registry.TypeAlias)
	old, err := a.models.current(ctx, d.name)
	switch {
	case err != nil:
		return response{}, err
	case old.Name != "" && !replace:
		return response{}, addError(d.name, registry.ErrExists)
	}
	deployment, err := a.newDeployment(ctx, d, old)
	if err != nil {
		return response{}, addError(d.name, err)
	}
	deployment.Replace, deployment.Author = replace, req.user.Name
	e, created, err := a.models.deploy(ctx, old, deployment, d.hasCode() && code == nil)
	if err != nil {
		return response{}, addError(d.name, err)
	}
	if created {
		return endpointResponse(http.StatusCreated, e), nil
	}
	return endpointResponse(http.StatusOK, e), nil
}

// parseAddRequest returns the request in a body of POST /endpoints, which must name its endpoint.
// Its errors are those of the Python operations that TabPy applies to the body.
func parseAddRequest(v pyjson.Value) (deployRequest, error) {
	raw, ok := v.Members["name"]
	switch {
	case v.Kind != '{' && v.Kind != '[' && v.Kind != '"': // '"name" in body'
		return deployRequest{}, &pythonException{"TypeError", "argument of type '" + v.TypeName() + "' is not iterable"}
	case !ok:
		return deployRequest{}, badRequest("name is required to add an endpoint.")
	case raw[0] == '{':
		return deployRequest{}, &pythonException{"TypeError", "unhashable type: 'dict'"} // TabPy looks up the name in a dict
	case raw[0] == '[':
		return deployRequest{}, &pythonException{"TypeError", "unhashable type: 'list'"}
	case raw[0] != '"':
		return deployRequest{}, &pythonException{"TypeError", "Endpoint name must be a string"}
	}
	d := deployRequest{members: v.Members}
	name, ok := d.str("name")
	if d.name = name; !ok {
		return d, registry.ErrInvalidName
	}
	return d, nil
}

// updateEndpoint handles PUT /endpoints/NAME.
func (a *API) updateEndpoint(req *request) (response, error) {
	name, err := a.endpointToChange(req)
	if err != nil {
		return response{}, err
	}
	body, err := a.readBody(req)
	if err != nil {
		return response{}, err
	}
	return a.update(req, name, body)
}

// update changes an endpoint as the body of PUT /endpoints/NAME describes. It deploys a new version
// if the body requests one or contains code; otherwise it changes the metadata.
func (a *API) update(req *request, name string, body []byte) (response, error) {
	if a.deps.Models == nil {
		return response{}, errDeployUnavailable
	}
	v, err := parseDeployBody(body)
	if err != nil {
		return response{}, err
	}
	ctx := req.ownedContext()
	old, err := a.models.current(ctx, name)
	switch {
	case err != nil:
		return response{}, err
	case old.Name == "":
		return response{}, updateError(name, registry.ErrNotFound)
	case v.Kind != '{':
		return response{}, updateError(name, &pythonException{"AttributeError", "'" + v.TypeName() + "' object has no attribute 'get'"})
	}
	d := deployRequest{name: name, members: v.Members, memory: req.memory()}
	var e registry.Endpoint
	if d.hasCode() || d.isTrue("should_update_version") {
		e, err = a.deployVersion(ctx, d, old, req.user.Name)
	} else {
		e, err = a.updateMetadata(ctx, d, old)
	}
	if err != nil {
		return response{}, updateError(name, err)
	}
	return endpointResponse(http.StatusOK, e), nil
}

// deployVersion deploys a new version of old.
func (a *API) deployVersion(ctx context.Context, d deployRequest, old registry.Endpoint, author string) (registry.Endpoint, error) {
	deployment, err := a.newDeployment(ctx, d, old)
	if err != nil {
		return old, err
	}
	deployment.Replace, deployment.Author = true, author
	e, _, err := a.models.deploy(ctx, old, deployment, d.hasCode())
	return e, err
}

// updateMetadata changes the metadata of an endpoint, and the target of an alias. TabPy's client
// names the staging folder of the current version in such a request as well.
//
// GAP: TabPy copies the folder and runs its content after the next start, under the old version
// number. tabcell keeps the code, and the folder need not exist.
func (a *API) updateMetadata(ctx context.Context, d deployRequest, old registry.Endpoint) (registry.Endpoint, error) {
	metadata, err := d.metadata(old.Metadata)
	if err != nil {
		return old, err
	}
	if old.Type == registry.TypeAlias {
		return a.retarget(ctx, d, old, metadata)
	}
	if !d.isTrue("src_path") {
		return old, badRequest("src_path is required to add/update an endpoint.")
	}
	if path, _ := d.str("src_path"); !a.isStagedVersion(path, old) {
		if _, err := a.stagedCode(ctx, d); err != nil {
			return old, err
		}
	}
	return a.models.changeMetadata(ctx, d, old)
}

// changeMetadata applies d to the current metadata of its endpoint, not to the metadata at the time
// of the request: members that d leaves out keep the values that other requests have set since. old
// is the endpoint at the time of the request.
func (c *catalog) changeMetadata(ctx context.Context, d deployRequest, old registry.Endpoint) (registry.Endpoint, error) {
	return c.audited(ctx, auditEndpoint(AuditUpdate, old), func() (registry.Endpoint, error) {
		return c.changer(ctx).UpdateMetadata(d.name, func(current *registry.Metadata) {
			if metadata, err := d.metadata(*current); err == nil { // whether d is valid does not depend on the endpoint
				*current = metadata
			}
		})
	})
}

// retarget changes the metadata of an alias and, if d names another one, its target.
func (a *API) retarget(ctx context.Context, d deployRequest, old registry.Endpoint, metadata registry.Metadata) (registry.Endpoint, error) {
	target, err := d.target(old)
	if err != nil {
		return old, err
	}
	if target == old.Target {
		return a.models.changeMetadata(ctx, d, old)
	}
	e, _, err := a.models.deploy(ctx, old, registry.Deployment{Name: old.Name, Metadata: metadata, Target: target, Replace: true}, false)
	return e, err
}

// removeEndpoint handles DELETE /endpoints/NAME.
func (a *API) removeEndpoint(req *request) (response, error) {
	name, err := a.endpointToChange(req)
	if err != nil {
		return response{}, err
	}
	return response{status: http.StatusNoContent}, a.remove(req.Request().Context(), name, req.user.Name)
}

// remove removes an endpoint and its staged files. A failure to remove the files is only logged.
//
// GAP: TabPy answers queries for a removed endpoint until its next start, and reports a failure if
// nothing was staged.
func (a *API) remove(ctx context.Context, name, author string) error {
	if a.deps.Models == nil {
		return errDeployUnavailable
	}
	defer a.models.lockChanges()()
	old, exists := a.models.Get(name)
	switch {
	case !exists && a.deps.Replication == nil:
		return updateError(name, registry.ErrNotFound)
	case !exists: // this node may not have caught up; the leader knows
		old.Name = name
	}
	_, err := a.models.audited(ctx, auditEndpoint(AuditRemove, old), func() (registry.Endpoint, error) { return old, a.models.changer(ctx).Remove(name) })
	if err != nil {
		return updateError(name, err)
	}
	a.models.forgetReplaced(old)
	logChange(ctx, "removed", old, author)
	if err := a.removeStaged(name); err != nil {
		zerolog.Ctx(ctx).Warn().Str("endpoint", name).Str("staging", a.cfg.Staging).Str("error", sanitize(err.Error(), maxLoggedText)).
			Msg("an endpoint was removed, but its staged files could not be removed")
	}
	return nil
}

// endpointToChange returns the name of the endpoint in the path, or "" for the path /endpoints/.
func (a *API) endpointToChange(req *request) (string, error) {
	rest, ok := a.pathAfter(req, "/endpoints/")
	if ok && rest == "" {
		return "", nil
	}
	if !ok || strings.Contains(rest, "/") {
		return "", echo.ErrNotFound
	}
	return unescape(rest), nil
}
