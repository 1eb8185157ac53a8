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
func (a *API) addEndpoint(x *exchange) (answer, error) {
	body, err := a.readBody(x)
	if err != nil {
		return answer{}, err
	}
	return a.add(x.Request().Context(), x, body, nil)
}

// add does what a body of POST /endpoints says. code is the model's when it came another way. TabPy loads what it has added, and answers 201
// whether that works or not; its client then asks /status. Where the code came with the request, an error says what is wrong and nothing is
// changed.
func (a *API) add(ctx context.Context, x *exchange, body []byte, code *registry.Code) (answer, error) {
	if a.deps.Models == nil {
		return answer{}, errNoDeploy
	}
	v, err := readOrder(body)
	if err != nil {
		return answer{}, err
	}
	o, err := namedOrder(v)
	if err != nil {
		return answer{}, adding("", err)
	}
	o.code, o.hold = code, x.hold
	kind, _ := o.text("type")
	replace := o.truth("override") && (o.own() || kind == registry.TypeAlias)
	old, exists := a.models.Get(o.name)
	if exists && !replace {
		return answer{}, adding(o.name, registry.ErrExists)
	}
	d, err := a.deployment(ctx, o, old)
	if err != nil {
		return answer{}, adding(o.name, err)
	}
	d.Replace, d.Author = replace, x.user.Name
	e, created, err := a.models.deploy(ctx, d, o.own() && code == nil)
	if err != nil {
		return answer{}, adding(o.name, err)
	}
	if created {
		return changed(http.StatusCreated, e), nil
	}
	return changed(http.StatusOK, e), nil
}

// namedOrder is an order that names its endpoint.
func namedOrder(v pyjson.Value) (order, error) {
	raw, there := v.Members["name"]
	switch {
	case v.Kind != '{' && v.Kind != '[' && v.Kind != '"': // TabPy asks whether "name" is in it
		return order{}, &exception{"TypeError", "argument of type '" + v.TypeName() + "' is not iterable"}
	case !there:
		return order{}, sentence("name is required to add an endpoint.")
	case raw[0] == '{':
		return order{}, &exception{"TypeError", "unhashable type: 'dict'"} // TabPy looks for it among the endpoints
	case raw[0] == '[':
		return order{}, &exception{"TypeError", "unhashable type: 'list'"}
	case raw[0] != '"':
		return order{}, &exception{"TypeError", "Endpoint name must be a string"}
	}
	o := order{members: v.Members}
	name, ok := o.text("name")
	if o.name = name; !ok {
		return o, registry.ErrName
	}
	return o, nil
}

// updateEndpoint answers PUT /endpoints/NAME.
func (a *API) updateEndpoint(x *exchange) (answer, error) {
	name, err := a.changedName(x)
	if err != nil {
		return answer{}, err
	}
	body, err := a.readBody(x)
	if err != nil {
		return answer{}, err
	}
	return a.update(x, name, body)
}

// update does what a body of PUT /endpoints/NAME says: a new version when it asks for one or brings code along, otherwise other words about
// the endpoint.
func (a *API) update(x *exchange, name string, body []byte) (answer, error) {
	if a.deps.Models == nil {
		return answer{}, errNoDeploy
	}
	v, err := readOrder(body)
	if err != nil {
		return answer{}, err
	}
	old, ok := a.models.Get(name)
	if !ok {
		return answer{}, updating(name, registry.ErrUnknown)
	}
	if v.Kind != '{' {
		return answer{}, updating(name, &exception{"AttributeError", "'" + v.TypeName() + "' object has no attribute 'get'"})
	}
	o, ctx := order{name: name, members: v.Members, hold: x.hold}, x.Request().Context()
	var e registry.Endpoint
	if o.own() || o.truth("should_update_version") {
		e, err = a.replace(ctx, o, old, x.user.Name)
	} else {
		e, err = a.redescribe(ctx, o, old)
	}
	if err != nil {
		return answer{}, updating(name, err)
	}
	return changed(http.StatusOK, e), nil
}

func (a *API) replace(ctx context.Context, o order, old registry.Endpoint, author string) (registry.Endpoint, error) {
	d, err := a.deployment(ctx, o, old)
	if err != nil {
		return old, err
	}
	d.Replace, d.Author = true, author
	e, _, err := a.models.deploy(ctx, d, o.own())
	return e, err
}

// redescribe changes what is said about an endpoint, and an alias's target. TabPy's client names the folder of the current version in such a
// request, too. GAP: TabPy copies the folder and runs what is in it after its next start, under the old version; here the code stays, and the
// folder may be gone.
func (a *API) redescribe(ctx context.Context, o order, old registry.Endpoint) (registry.Endpoint, error) {
	about, err := o.about(old.About)
	if err != nil {
		return old, err
	}
	if old.Type == registry.TypeAlias {
		return a.retarget(ctx, o, old, about)
	}
	if !o.truth("src_path") {
		return old, sentence("src_path is required to add/update an endpoint.")
	}
	if path, _ := o.text("src_path"); !a.isCurrent(path, old) {
		if _, err := a.stagedCode(ctx, o); err != nil {
			return old, err
		}
	}
	return a.models.changeAbout(o)
}

// changeAbout changes what is said about an endpoint as a valid order says. What the order leaves out stays as it is at that moment, not as it
// was when the request came.
func (c *catalogue) changeAbout(o order) (registry.Endpoint, error) {
	return c.Describe(o.name, func(now *registry.About) {
		if about, err := o.about(*now); err == nil { // an order is valid whatever the endpoint is
			*now = about
		}
	})
}

func (a *API) retarget(ctx context.Context, o order, old registry.Endpoint, about registry.About) (registry.Endpoint, error) {
	target, err := o.target(old)
	if err != nil {
		return old, err
	}
	if target == old.Target {
		return a.models.changeAbout(o)
	}
	e, _, err := a.models.deploy(ctx, registry.Deployment{Name: old.Name, About: about, Target: target, Replace: true}, false)
	return e, err
}

// removeEndpoint answers DELETE /endpoints/NAME.
func (a *API) removeEndpoint(x *exchange) (answer, error) {
	name, err := a.changedName(x)
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusNoContent}, a.remove(x.Request().Context(), name, x.user.Name)
}

// remove removes an endpoint. GAP: TabPy goes on answering for it until its next start; and where nothing was staged it says that it failed.
func (a *API) remove(ctx context.Context, name, author string) error {
	if a.deps.Models == nil {
		return errNoDeploy
	}
	a.models.changing.Lock()
	defer a.models.changing.Unlock()
	old, _ := a.models.Get(name)
	if err := a.models.Remove(name); err != nil {
		return updating(name, err)
	}
	a.models.settle(old)
	tellChange(ctx, "removed", old, author)
	if err := a.unstage(name); err != nil {
		zerolog.Ctx(ctx).Warn().Str("endpoint", name).Str("staging", a.cfg.Staging).Str("error", clean(err.Error(), mostText)).
			Msg("an endpoint was removed, but not what was staged for it")
	}
	return nil
}

// changedName is the endpoint in the path of a request that changes it; "" is no endpoint's name.
func (a *API) changedName(x *exchange) (string, error) {
	rest, ok := a.rest(x, "/endpoints/")
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
func (a *API) rollbackEndpoint(x *exchange) (answer, error) {
	name, err := a.nameBefore(x, "/endpoints/", "/rollback")
	if err != nil {
		return answer{}, err
	}
	number, err := wholeNumber(x.Request(), "to")
	if err != nil {
		return answer{}, err
	}
	e, err := a.models.rollback(x.Request().Context(), name, number, x.user.Name)
	if errors.Is(err, registry.ErrDamaged) {
		return answer{}, &said{409, "That version cannot be deployed again.", err.Error()}
	}
	if err != nil {
		return answer{}, updating(name, err)
	}
	return changed(http.StatusOK, e), nil
}

// rollback stores the change, then loads the version: it was loaded once, so that nothing else is expected.
func (c *catalogue) rollback(ctx context.Context, name string, number int, author string) (registry.Endpoint, error) {
	c.changing.Lock()
	old, _ := c.Get(name)
	e, err := c.Rollback(name, number, author)
	if err == nil {
		c.settle(old)
		tellChange(ctx, "rolled back", e, author)
	}
	c.changing.Unlock()
	if err != nil {
		return e, err
	}
	info, err := c.load(ctx, c.model(e))
	if err == nil || modelsFault(err) {
		c.note(e, info, err)
	}
	return e, nil
}
