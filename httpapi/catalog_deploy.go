package httpapi

import (
	"cmp"
	"context"

	"github.com/rs/zerolog"

	"tabcell/runtime"
	"tabcell/runtime/registry"
)

// newModel returns a deployment that is not stored yet, in the form that the runner takes.
func (c *catalog) newModel(ctx context.Context, deployment registry.Deployment, version int) runtime.Model {
	code := deployment.Code
	return runtime.Model{
		Name: deployment.Name, Version: version, Kind: runtime.ModelKind(code.Kind), Function: code.Function, Requires: code.Requires, Digest: code.Digest(),
		Grants:  c.endpointGrants(ctx, deployment.Name, version),
		Content: func(context.Context) ([]byte, error) { return code.Content, nil },
	}
}

// unloadableError reports that a model was not deployed because it does not load.
type unloadableError struct{ cause error }

func (e *unloadableError) Error() string { return e.cause.Error() }

func (e *unloadableError) Unwrap() error { return e.cause }

// deploy loads a model, stores it, and makes it available, in this order. Until then, queries use
// the previous version. If the model does not load, the result depends on strict: either nothing is
// changed, or, as in TabPy, the model is stored all the same and its status shows the error. old is
// the result of current.
func (c *catalog) deploy(
	ctx context.Context, old registry.Endpoint, deployment registry.Deployment, strict bool,
) (e registry.Endpoint, created bool, err error) {
	switch {
	case c.runner == nil:
		return e, false, errDeployUnavailable
	case old.Name != "" && !deployment.Replace:
		return e, false, registry.ErrExists
	case deployment.Target != "":
		return c.store(ctx, deployment, runtime.ModelInfo{}, nil)
	}
	if err := c.checkGranted(ctx, deployment.Name); err != nil {
		return e, false, err
	}
	if err := deployment.CheckText(); err != nil { // before the load, which takes a cell
		return e, false, err
	}
	info, loadErr := c.load(ctx, c.newModel(ctx, deployment, old.Version+1))
	switch {
	case loadErr != nil && !isModelFault(loadErr):
		return e, false, loadErr
	case loadErr != nil && strict:
		refused := auditDeployment(deployment, old)
		refused.Outcome, refused.Reason = AuditFailed, "the model cannot be loaded"
		_ = c.audit(ctx, refused)
		return e, false, &unloadableError{loadErr}
	}
	if deployment.Docstring == "" {
		deployment.Docstring = cmp.Or(info.Docstring, registry.NoDocstring)
	}
	if e, created, err = c.store(ctx, deployment, info, loadErr); err != nil {
		c.forgetUnused(deployment.Code.Digest())
	}
	return e, created, err
}

// store stores a deployment and publishes it. loadErr is the error of loading it.
func (c *catalog) store(ctx context.Context, deployment registry.Deployment, info runtime.ModelInfo, loadErr error) (registry.Endpoint, bool, error) {
	defer c.lockChanges()()
	old, _ := c.Get(deployment.Name)
	e, err := c.audited(ctx, auditDeployment(deployment, old), func() (registry.Endpoint, error) { return c.changer(ctx).Deploy(deployment) })
	if err != nil {
		return e, false, err
	}
	if e.Type == registry.TypeModel {
		c.recordLoad(e, info, loadErr)
	}
	c.forgetReplaced(old)
	logChange(ctx, "deployed", e, deployment.Author)
	return e, e.Version == 1, nil // in a cluster, old may be of a lagging server
}

// logChange logs a change of an endpoint and its author. The line has the call ID, with which the
// client address can be found.
func logChange(ctx context.Context, verb string, e registry.Endpoint, author string) {
	line := zerolog.Ctx(ctx).Info().Str("endpoint", e.Name).Int("version", e.Version)
	if len(e.Versions) > 0 {
		line = line.Str("sha256", e.Current().Sum)
	}
	if e.Target != "" {
		line = line.Str("target", e.Target)
	}
	if author != "" {
		line = line.Str("by", sanitize(author, maxLoggedName))
	}
	line.Msg("an endpoint was " + verb)
}
