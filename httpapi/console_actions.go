package httpapi

import (
	"context"
	"errors"
	"slices"

	"tabcell/httpapi/console"
	"tabcell/runtime"
	"tabcell/runtime/registry"
)

// Deploy implements console.Exchange. It does what the upload routes do.
func (x *consoleExchange) Deploy(u console.Upload) (console.Endpoint, bool, error) {
	x.req.endpoint = u.Name
	if x.api().deps.Models == nil {
		return console.Endpoint{}, false, errDeployUnavailable
	}
	if err := registry.CheckName(u.Name); err != nil {
		return console.Endpoint{}, false, changeError(u.Name, err)
	}
	old, err := x.api().models.current(x.req.ownedContext(), u.Name)
	if err != nil {
		return console.Endpoint{}, false, err
	}
	d := registry.Deployment{Name: u.Name, Metadata: old.Metadata, Author: x.req.user.Name, Replace: u.Replace}
	d.Docstring = "" // deploy takes that of the code
	if u.Description != "" {
		d.Description = u.Description
	}
	d.Code = registry.Code{Kind: registry.Pickle, Content: u.Content}
	if u.IsSource {
		d.Code.Kind, d.Code.Function = registry.Source, u.Function
	}
	e, created, err := x.api().models.deploy(x.req.ownedContext(), old, d, true)
	if unloadable, ok := errors.AsType[*unloadableError](err); ok {
		return console.Endpoint{}, false, errors.Join(&console.LoadFailedError{Load: newLoadError(unloadable.cause)}, err)
	}
	if errors.Is(err, registry.ErrExists) {
		return console.Endpoint{}, false, existsError(u.Name)
	}
	if err != nil {
		return console.Endpoint{}, false, changeError(u.Name, err)
	}
	return x.api().consoleEndpoint(e), created, nil
}

func existsError(name string) error {
	return &tabpyError{409, "The endpoint " + name + " exists already, and nothing was changed.", "Choose another name, or confirm that it gets a new version."}
}

func (x *consoleExchange) api() *API { return x.req.api }

// RollBack implements console.Exchange.
func (x *consoleExchange) RollBack(name string, version int) (console.Endpoint, error) {
	x.req.endpoint = name
	e, err := x.api().models.rollback(x.req.ownedContext(), name, version, x.req.user.Name)
	if err != nil {
		return console.Endpoint{}, rollbackError(name, err)
	}
	return x.api().consoleEndpoint(e), nil
}

// Remove implements console.Exchange.
func (x *consoleExchange) Remove(name string) error {
	x.req.endpoint = name
	return x.api().remove(x.req.Request().Context(), name, x.req.user.Name)
}

// Query implements console.Exchange.
func (x *consoleExchange) Query(ctx context.Context, name string, body []byte) (runtime.Result, error) {
	x.req.logScript(body)
	x.req.endpoint = name
	call := x.api().call(x.req, body)
	call.Owner, call.SeparateErrors = runtime.Owner{Key: consoleOwner}, true
	result, err := x.api().queryModel(ctx, name, call)
	x.req.timing, x.req.callErr = result.Timing, err
	x.req.logOutput(slices.Concat(result.Output, result.Errors))
	return result.Result, err
}

// Export implements console.Exchange. It does what the backup route does.
func (x *consoleExchange) Export(name string) error {
	x.req.endpoint = name
	if x.api().deps.Backup == nil {
		return errDeployUnavailable
	}
	return x.req.export(name)
}

// Owner implements console.Exchange.
func (x *consoleExchange) Owner() string { return owner(x.req) }
