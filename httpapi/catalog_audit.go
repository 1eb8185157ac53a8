package httpapi

import (
	"context"

	"tabcell/runtime/registry"
)

// audited records a change in the audit trail, and then makes it. Without the record it is not
// made. If it fails, that is recorded as well.
func (c *catalog) audited(ctx context.Context, e AuditEvent, change func() (registry.Endpoint, error)) (registry.Endpoint, error) {
	e.Outcome = AuditOK
	if err := c.audit(ctx, e); err != nil {
		return registry.Endpoint{}, err
	}
	endpoint, err := change()
	if err != nil {
		e.Outcome, e.Reason = AuditFailed, err.Error()
		_ = c.audit(ctx, e)
	}
	return endpoint, err
}

// auditDeployment returns the event of a deployment over old, which may be the zero value.
func auditDeployment(d registry.Deployment, old registry.Endpoint) AuditEvent {
	e := AuditEvent{Kind: AuditDeploy, Endpoint: d.Name, Version: old.Version + 1}
	if d.Target != "" {
		e.Reason = "alias of " + d.Target
	} else {
		e.SHA256 = sumOf(d.Code.Content)
	}
	return e
}

// auditRollback returns the event of a rollback to a version, or to the previous one if number is
// 0.
func auditRollback(old registry.Endpoint, number int) AuditEvent {
	e := AuditEvent{Kind: AuditRollback, Endpoint: old.Name, Version: old.Version + 1}
	for i, v := range old.Versions {
		if v.Number == number || number == 0 && i == 1 {
			e.SHA256 = v.Sum
		}
	}
	return e
}

// auditEndpoint returns the event of another change of an endpoint.
func auditEndpoint(kind AuditKind, old registry.Endpoint) AuditEvent {
	e := AuditEvent{Kind: kind, Endpoint: old.Name, Version: old.Version}
	if len(old.Versions) > 0 {
		e.SHA256 = old.Current().Sum
	}
	return e
}
