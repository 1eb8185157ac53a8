package httpapi

import (
	"context"
	"errors"
	"net/http"

	"tabcell/runtime/registry"
)

// rollbackEndpoint handles POST /endpoints/NAME/rollback?to=VERSION, which TabPy does not have. It
// deploys the code of an old version again; by default, of the version before the current one.
func (a *API) rollbackEndpoint(req *request) (response, error) {
	name, err := a.segmentBetween(req, "/endpoints/", "/rollback")
	if err != nil {
		return response{}, err
	}
	number, err := positiveParam(req.Request(), "to")
	if err != nil {
		return response{}, err
	}
	e, err := a.models.rollback(req.ownedContext(), name, number, req.user.Name)
	if err != nil {
		return response{}, rollbackError(name, err)
	}
	return endpointResponse(http.StatusOK, e), nil
}

// rollbackError converts an error of rollback to the error that the client gets.
func rollbackError(name string, err error) error {
	if errors.Is(err, registry.ErrDamaged) {
		return &tabpyError{409, "That version cannot be deployed again.", err.Error()}
	}
	return updateError(name, err)
}

// rollback stores the change before it loads the version, because the version has been loaded
// successfully before.
func (c *catalog) rollback(ctx context.Context, name string, number int, author string) (registry.Endpoint, error) {
	if err := c.checkGranted(ctx, name); err != nil {
		return registry.Endpoint{}, err
	}
	unlock := c.lockChanges()
	old, exists := c.Get(name)
	switch {
	case !exists && c.replication == nil:
		unlock()
		return old, registry.ErrNotFound
	case !exists: // this node may not have caught up; the leader knows
		old.Name = name
	}
	e, err := c.audited(ctx, auditRollback(old, number), func() (registry.Endpoint, error) { return c.changer(ctx).Rollback(name, number, author) })
	if err == nil {
		c.forgetReplaced(old)
		logChange(ctx, "rolled back", e, author)
	}
	unlock()
	if err != nil {
		return e, err
	}
	info, err := c.load(ctx, c.model(ctx, e))
	if err == nil || isModelFault(err) {
		c.recordLoad(e, info, err)
	}
	return e, nil
}
