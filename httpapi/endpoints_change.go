package httpapi

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/rs/zerolog"

	"tabcell/httpapi/internal/pyjson"
	"tabcell/runtime/registry"
)

// addEndpoint answers POST /endpoints.
func (a *API) addEndpoint(req *request) (response, error) {
	body, err := a.readBody(req)
	if err != nil {
		return response{}, err
	}
	return a.add(req.Request().Context(), req, body, nil)
}

// add does what a body of POST /endpoints says. code is the model's when it came another way. TabPy loads what it has added, and answers 201
// whether that works or not; its client then asks /status. Where the code came with the request, an error says what is wrong and nothing is
// changed.
func (a *API) add(ctx context.Context, req *request, body []byte, code *registry.Code) (response, error) {
	if a.deps.Models == nil {
		return response{}, errDeployUnavailable
	}
	v, err := parseDeployBody(body)
	if err != nil {
		return response{}, err
	}
	o, err := parseAddRequest(v)
	if err != nil {
		return response{}, addError("", err)
	}
	o.code, o.reserve = code, req.reserve
	kind, _ := o.text("type")
	replace := o.isTrue("override") && (o.hasCode() || kind == registry.TypeAlias)
	old, exists := a.models.Get(o.name)
	if exists && !replace {
		return response{}, addError(o.name, registry.ErrExists)
	}
	d, err := a.newDeployment(ctx, o, old)
	if err != nil {
		return response{}, addError(o.name, err)
	}
	d.Replace, d.Author = replace, req.user.Name
	e, created, err := a.models.deploy(ctx, d, o.hasCode() && code == nil)
	if err != nil {
		return response{}, addError(o.name, err)
	}
	if created {
		return endpointResponse(http.StatusCreated, e), nil
	}
	return endpointResponse(http.StatusOK, e), nil
}

// namedOrder is an order that names its endpoint.
func parseAddRequest(v pyjson.Value) (deployRequest, error) {
	raw, there := v.Members["name"]
	switch {
	case v.Kind != '{' && v.Kind != '[' && v.Kind != '"': // TabPy asks whether "name" is in it
		return deployRequest{}, &pythonException{"TypeError", "argument of type '" + v.TypeName() + "' is not iterable"}
	case !there:
		return deployRequest{}, badRequest("name is required to add an endpoint.")
	case raw[0] == '{':
		return deployRequest{}, &pythonException{"TypeError", "unhashable type: 'dict'"} // TabPy looks for it among the endpoints
	case raw[0] == '[':
		return deployRequest{}, &pythonException{"TypeError", "unhashable type: 'list'"}
	case raw[0] != '"':
		return deployRequest{}, &pythonException{"TypeError", "Endpoint name must be a string"}
	}
	o := deployRequest{members: v.Members}
	name, ok := o.text("name")
	if o.name = name; !ok {
		return o, registry.ErrInvalidName
	}
	return o, nil
}

// updateEndpoint answers PUT /endpoints/NAME.
func (a *API) updateEndpoint(req *request) (response, error) {
	name, err := a.nameToChange(req)
	if err != nil {
		return response{}, err
	}
	body, err := a.readBody(req)
	if err != nil {
		return response{}, err
	}
	return a.update(req, name, body)
}

// update does what a body of PUT /endpoints/NAME says: a new version when it asks for one or brings code along, otherwise other words about
// the endpoint.
func (a *API) update(req *request, name string, body []byte) (response, error) {
	if a.deps.Models == nil {
		return response{}, errDeployUnavailable
	}
	v, err := parseDeployBody(body)
	if err != nil {
		return response{}, err
	}
	old, ok := a.models.Get(name)
	if !ok {
		return response{}, updateError(name, registry.ErrNotFound)
	}
	if v.Kind != '{' {
		return response{}, updateError(name, &pythonException{"AttributeError", "'" + v.TypeName() + "' object has no attribute 'get'"})
	}
	o, ctx := deployRequest{name: name, members: v.Members, reserve: req.reserve}, req.Request().Context()
	var e registry.Endpoint
	if o.hasCode() || o.isTrue("should_update_version") {
		e, err = a.deployVersion(ctx, o, old, req.user.Name)
	} else {
		e, err = a.updateAbout(ctx, o, old)
	}
	if err != nil {
		return response{}, updateError(name, err)
	}
	return endpointResponse(http.StatusOK, e), nil
}

func (a *API) deployVersion(ctx context.Context, o deployRequest, old registry.Endpoint, author string) (registry.Endpoint, error) {
	d, err := a.newDeployment(ctx, o, old)
	if err != nil {
		return old, err
	}
	d.Replace, d.Author = true, author
	e, _, err := a.models.deploy(ctx, d, o.hasCode())
	return e, err
}

// redescribe changes what is said about an endpoint, and an alias's target. TabPy's client names the folder of the current version in such a
// request, too. GAP: TabPy copies the folder and runs what is in it after its next start, under the old version; here the code stays, and the
// folder may be gone.
func (a *API) updateAbout(ctx context.Context, o deployRequest, old registry.Endpoint) (registry.Endpoint, error) {
	about, err := o.about(old.Metadata)
	if err != nil {
		return old, err
	}
	if old.Type == registry.TypeAlias {
		return a.retarget(ctx, o, old, about)
	}
	if !o.isTrue("src_path") {
		return old, badRequest("src_path is required to add/update an endpoint.")
	}
	if path, _ := o.text("src_path"); !a.isStagedVersion(path, old) {
		if _, err := a.stagedCode(ctx, o); err != nil {
			return old, err
		}
	}
	return a.models.changeAbout(o)
}

// changeAbout changes what is said about an endpoint as a valid order says. What the order leaves out stays as it is at that moment, not as it
// was when the request came.
func (c *catalog) changeAbout(o deployRequest) (registry.Endpoint, error) {
	return c.UpdateMetadata(o.name, func(now *registry.Metadata) {
		if about, err := o.about(*now); err == nil { // an order is valid whatever the endpoint is
			*now = about
		}
	})
}

func (a *API) retarget(ctx context.Context, o deployRequest, old registry.Endpoint, about registry.Metadata) (registry.Endpoint, error) {
	target, err := o.target(old)
	if err != nil {
		return old, err
	}
	if target == old.Target {
		return a.models.changeAbout(o)
	}
	e, _, err := a.models.deploy(ctx, registry.Deployment{Name: old.Name, Metadata: about, Target: target, Replace: true}, false)
	return e, err
}

// removeEndpoint answers DELETE /endpoints/NAME.
func (a *API) removeEndpoint(req *request) (response, error) {
	name, err := a.nameToChange(req)
	if err != nil {
		return response{}, err
	}
	return response{status: http.StatusNoContent}, a.remove(req.Request().Context(), name, req.user.Name)
}

// remove removes an endpoint. GAP: TabPy goes on answering for it until its next start; and where nothing was staged it says that it failed.
func (a *API) remove(ctx context.Context, name, author string) error {
	if a.deps.Models == nil {
		return errDeployUnavailable
	}
	a.models.changeMu.Lock()
	defer a.models.changeMu.Unlock()
	old, _ := a.models.Get(name)
	if err := a.models.Remove(name); err != nil {
		return updateError(name, err)
	}
	a.models.forgetReplaced(old)
	logChange(ctx, "removed", old, author)
	if err := a.removeStaged(name); err != nil {
		zerolog.Ctx(ctx).Warn().Str("endpoint", name).Str("staging", a.cfg.Staging).Str("error", sanitize(err.Error(), maxLoggedText)).
			Msg("an endpoint was removed, but not what was staged for it")
	}
	return nil
}

// changedName is the endpoint in the path of a request that changes it; "" is no endpoint's name.
func (a *API) nameToChange(req *request) (string, error) {
	rest, ok := a.pathAfter(req, "/endpoints/")
	if ok && rest == "" {
		return "", nil
	}
	if !ok || strings.Contains(rest, "/") {
		return "", echo.ErrNotFound
	}
	return unescape(rest), nil
}

// rollbackEndpoint answers POST /endpoints/NAME/rollback?to=VERSION, a request of tabcell's own: an old version's code is deployed again. Without
// a version it is the one before the current.
func (a *API) rollbackEndpoint(req *request) (response, error) {
	name, err := a.segmentBetween(req, "/endpoints/", "/rollback")
	if err != nil {
		return response{}, err
	}
	number, err := positiveParam(req.Request(), "to")
	if err != nil {
		return response{}, err
	}
	e, err := a.models.rollback(req.Request().Context(), name, number, req.user.Name)
	if errors.Is(err, registry.ErrDamaged) {
		return response{}, &tabpyError{409, "That version cannot be deployed again.", err.Error()}
	}
	if err != nil {
		return response{}, updateError(name, err)
	}
	return endpointResponse(http.StatusOK, e), nil
}

// rollback stores the change, then loads the version: it was loaded once, so that nothing else is expected.
func (c *catalog) rollback(ctx context.Context, name string, number int, author string) (registry.Endpoint, error) {
	c.changeMu.Lock()
	old, _ := c.Get(name)
	e, err := c.Rollback(name, number, author)
	if err == nil {
		c.forgetReplaced(old)
		logChange(ctx, "rolled back", e, author)
	}
	c.changeMu.Unlock()
	if err != nil {
		return e, err
	}
	info, err := c.load(ctx, c.model(e))
	if err == nil || isModelFault(err) {
		c.recordLoad(e, info, err)
	}
	return e, nil
}
