package httpapi

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"tabcell/runtime"
)

// Grants selects the grants of scripts and endpoints. It must be safe for concurrent use.
type Grants interface {
	// OfAccount returns the grants for scripts of an account, in the form of User.Account. It is ""
	// for a client without an account.
	OfAccount(account string) []*runtime.Grant
	// OfEndpoint returns the grants for the code of a deployed endpoint.
	OfEndpoint(name string) []*runtime.Grant
}

// scriptGrants returns the grants for a script that the client of a request sends, or nil.
// Endpoints that the script queries do not have them.
func (a *API) scriptGrants(req *request) *runtime.Grants {
	if a.deps.Grants == nil {
		return nil
	}
	list := a.deps.Grants.OfAccount(req.user.Account)
	if len(list) == 0 {
		return nil
	}
	return &runtime.Grants{List: list, Owner: req.grantOwner(), Observe: a.grantObserver(req.Request().Context(), AuditEvent{})}
}

// grantOwner returns the owner of the grants of a request. The subject of a token is replaced by a
// digest, unless it may be logged.
func (req *request) grantOwner() string {
	switch {
	case req.user.Account == "":
		return owner(req)
	case req.user.Name != "":
		return accountPrefix + sanitize(req.user.Name, maxLoggedName)
	}
	sum := sha256.Sum256([]byte(req.user.Account))
	return accountPrefix + "#" + hex.EncodeToString(sum[:4])
}

// endpointGrants returns the grants for a version of an endpoint, or nil. ctx is that of the
// request that loads or queries it, or has none.
func (c *catalog) endpointGrants(ctx context.Context, name string, version int) *runtime.Grants {
	if c.grants == nil {
		return nil
	}
	list := c.grants.OfEndpoint(name)
	if len(list) == 0 {
		return nil
	}
	return &runtime.Grants{
		List: list, Owner: "endpoint " + sanitize(name, maxLoggedName), Observe: c.observe(ctx, AuditEvent{Endpoint: name, Version: version}),
	}
}

// grantedError reports that a client may not deploy the code of an endpoint, because the endpoint
// has grants.
type grantedError struct {
	missingRoleError
	endpoint string
	grants   string // names
}

func (e *grantedError) Error() string {
	return fmt.Sprintf("the role %q is missing, and the endpoint has the grants %s", e.role, e.grants)
}

// checkGranted returns an error if the endpoint has grants that the client in ctx must not give to
// its code.
func (c *catalog) checkGranted(ctx context.Context, endpoint string) error {
	if c.grants == nil {
		return nil
	}
	list := c.grants.OfEndpoint(endpoint)
	if len(list) == 0 {
		return nil
	}
	user := User{}
	if req, ok := ctx.Value(requestKey{}).(*request); ok {
		user = req.user
	}
	if user.Roles&user.Scopes&RoleGrant != 0 {
		return nil
	}
	return &grantedError{missingRoleError{RoleGrant, user.Account != ""}, endpoint, grantNames(list)}
}

func grantNames(list []*runtime.Grant) string {
	names := make([]string, len(list))
	for i, g := range list {
		names[i] = g.Name
	}
	return strings.Join(names, ", ")
}

// grantedFailure names the grants, the role and the way to get it.
func grantedFailure(a *API, e *grantedError) failure {
	f := missingRoleFailure(a, &e.missingRoleError)
	f.message = fmt.Sprintf("Deploying the code of %s requires the role %q.", sanitize(e.endpoint, maxLoggedName), e.role)
	advice := strings.TrimPrefix(f.info.(string), "Forbidden request: ")
	f.info = fmt.Sprintf("The endpoint has the grants %s. %s", e.grants, strings.ToUpper(advice[:1])+advice[1:])
	return f
}
