package httpapi

import (
	"context"
	"fmt"
	"time"

	"tabcell/runtime"
	"tabcell/runtime/registry"
)

// Evaluator runs the script of one request body; runtime.Engine is one. It must not keep the call's body, must return soon after ctx
// is done, and is called from many goroutines.
type Evaluator interface {
	Evaluate(ctx context.Context, call runtime.Call) (runtime.Result, error)
}

// Readiness tells whether scripts can be run: nil, or why not.
type Readiness interface {
	Ready() error
}

// Gate tells who a client is. It is called from many goroutines.
type Authenticator interface {
	// Judge finds out who sent c. The error is an *Unauthorized, a *Throttled, or ctx's. The person's name is also set when the client
	// named itself and is not believed.
	Authenticate(ctx context.Context, c Credentials) (User, error)
	// Challenge is the scheme by which the sender of c could have been let in: "Basic" or "Bearer".
	Challenge(c Credentials) string
	// Methods are those that are on, for /info.
	Methods() AuthMethods
}

// Credentials are what a client says about itself.
type Credentials struct {
	Scheme         string // the first piece of the Authorization header, in whatever case; "" when there is none
	WellFormed     bool   // the rest could be read
	Name, Password string // of the scheme Basic
	Token          string // of the scheme Bearer
	Address        string // where the request came from
}

// Person is who a client turned out to be, and what that person may do besides reading.
type User struct {
	Name                    string // for the log; "" is unknown
	Query, Evaluate, Deploy bool
	Account                 string // tells people apart, whether they are named in the log or not; never shown
}

// Methods are the methods of authentication as /info tells them.
type AuthMethods struct {
	Basic bool
	OAuth *OAuthMethod // nil: off
}

// OAuthMethod tells which scopes tokens need.
type OAuthMethod struct {
	RequiredScopes []string // on every route
	EndpointScopes []string // by route, if Enforced
	Enforced       bool
}

// Unauthorized is a client that is not believed. Reason is for the log only.
type UnauthorizedError struct{ Reason string }

func (e *UnauthorizedError) Error() string { return e.Reason }

// Throttled is a client that must wait before it is judged.
type ThrottledError struct {
	Reason     string // for the log
	RetryAfter time.Duration
}

func (e *ThrottledError) Error() string {
	return fmt.Sprintf("%s (%s to wait)", e.Reason, e.RetryAfter)
}

// Models keeps what is deployed; registry.Registry is one, and says what each method does.
type Models interface {
	List() []registry.Endpoint
	Get(name string) (registry.Endpoint, bool)
	Resolve(name string) (registry.Endpoint, error)
	Content(v registry.Version) ([]byte, error)
	Deploy(d registry.Deployment) (registry.Endpoint, error)
	UpdateMetadata(name string, change func(*registry.Metadata)) (registry.Endpoint, error)
	Rollback(name string, number int, author string) (registry.Endpoint, error)
	Remove(name string) error
}

// Runner loads and runs deployed models; runtime.Engine and runtime.Router are such, and say what each method does.
type Runner interface {
	LoadModel(ctx context.Context, m runtime.Model) (runtime.ModelInfo, error)
	QueryModel(ctx context.Context, m runtime.Model, c runtime.Call) (runtime.Result, error)
	ForgetModel(digest string)
}

// Meter tells how busy the cells are; runtime.Engine and runtime.Router are such.
type StatsSource interface {
	Stats() runtime.Stats
	TemplateStats() runtime.TemplateStats
}

// Deps is what the API needs done by others.
type Deps struct {
	Evaluator     Evaluator
	Models        Models        // nil: nothing is deployed, and nothing can be
	Runner        Runner        // of what is in Models
	Readiness     Readiness     // nil: always ready
	Stats         StatsSource   // for the metrics; nil: they tell of requests only
	Authenticator Authenticator // nil: there is no authentication
}
