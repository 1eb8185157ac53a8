package httpapi

import (
	"context"
	"slices"
	"sync"

	"tabcell/runtime"
	"tabcell/runtime/registry"
)

// catalog combines the deployed endpoints with the state of their loading and their use.
type catalog struct {
	Models
	runner      Runner
	replication Replication                             // nil on a single server
	audit       func(context.Context, AuditEvent) error // adds an event to the audit trail
	grants      Grants                                  // nil if there are none
	// observe returns a function that records uses of grants.
	observe func(context.Context, AuditEvent) func(runtime.GrantUse)

	// changeMu is held while a change is stored and published. No call may wait for a cell while it
	// holds changeMu: scripts change endpoints too, and they occupy the cells that others wait for.
	changeMu sync.Mutex

	mu      sync.Mutex         // guards records and their content
	records map[string]*record // by model name
}

func newCatalog(d Deps) *catalog {
	c := &catalog{Models: d.Models, runner: d.Runner, replication: d.Replication, grants: d.Grants, records: map[string]*record{}}
	if c.Models == nil {
		c.Models = noModels{}
	}
	return c
}

// model returns the current version of e in the form that the runner takes. ctx is that of the
// request, if there is one.
func (c *catalog) model(ctx context.Context, e registry.Endpoint) runtime.Model {
	v := e.Current()
	return runtime.Model{
		Name: e.Name, Version: v.Number, Kind: runtime.ModelKind(v.Kind), Function: v.Function, Requires: v.Requires, Digest: v.Digest(),
		Grants:  c.endpointGrants(ctx, e.Name, v.Number),
		Content: func(context.Context) ([]byte, error) { return c.Content(v) },
	}
}

// forgetReplaced releases the record and the template of the previous version of a changed
// endpoint.
func (c *catalog) forgetReplaced(old registry.Endpoint) {
	if current, ok := c.Get(old.Name); !ok || current.Type == registry.TypeAlias {
		c.mu.Lock()
		delete(c.records, old.Name)
		c.mu.Unlock()
	}
	if len(old.Versions) > 0 {
		c.forgetUnused(old.Current().Digest())
	}
}

// forgetUnused drops the template of a model unless an endpoint uses it.
func (c *catalog) forgetUnused(digest string) {
	used := slices.ContainsFunc(c.List(), func(e registry.Endpoint) bool { return len(e.Versions) > 0 && e.Current().Digest() == digest })
	if !used {
		c.runner.ForgetModel(digest)
	}
}
