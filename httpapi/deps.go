package httpapi

import (
	"context"
	"crypto/x509"
	"fmt"
	"time"

	"tabcell/httpapi/console"
	"tabcell/runtime"
	"tabcell/runtime/registry"
)

// Deps holds the implementations that the API depends on. Evaluator is required.
type Deps struct {
	Evaluator     Evaluator
	Models        Models             // if nil, nothing is deployed and nothing can be
	Runner        Runner             // runs Models; required if Models is set
	Backup        Backup             // if nil, endpoints can neither be exported nor imported
	Replication   Replication        // if nil, Models and Backup change endpoints of this server only
	Readiness     Readiness          // if nil, the server is always ready
	Stats         StatsSource        // if nil, the metrics cover requests only
	Confinement   Confinement        // if nil, the metrics have nothing about the confinement
	ClusterStats  ClusterStatsSource // if nil, the metrics have nothing about a cluster
	Authenticator Authenticator      // if nil, authentication is off
	Grants        Grants             // if nil, scripts can use nothing outside their cells
	Audit         Audit              // if nil, no audit trail is kept
	AuditStats    AuditStatsSource   // if nil, the state of the audit trail is not shown
	ConsoleAdmin  console.Admin      // if nil, the console does not show the state of the server
	ConsoleNodes  console.Nodes      // if nil, the console shows no cluster
	Manual        console.Manual     // if nil, the console has no manual
}

// Evaluator runs the script in a request body. runtime.Engine implements it.
//
// An Evaluator must not keep the body of a call, must return soon after ctx is done, and must be
// safe for concurrent use.
type Evaluator interface {
	Evaluate(ctx context.Context, call runtime.Call) (runtime.Result, error)
}

// Readiness reports whether scripts can be run.
type Readiness interface {
	// Ready returns nil if scripts can be run, or else the reason why not.
	Ready() error
}

// Authenticator identifies clients. It must be safe for concurrent use.
type Authenticator interface {
	// Authenticate returns the user that sent c. The error is an *UnauthorizedError, a
	// *CertificateError, a *ThrottledError, or the error of ctx. The user's name is set even if authentication fails, as
	// long as the client sent one.
	Authenticate(ctx context.Context, c Credentials) (User, error)
	// Challenge returns the scheme, "Basic" or "Bearer", with which the sender of c could have
	// authenticated.
	Challenge(c Credentials) string
	// Methods returns the enabled authentication methods, as /info reports them.
	Methods() AuthMethods
}

// Credentials holds the content of an Authorization header, and the client's certificate.
type Credentials struct {
	Scheme         string // the first word of the header, in the client's case; "" without a header
	WellFormed     bool   // whether the rest of the header could be parsed
	Name, Password string // for the scheme Basic
	Token          string // for the scheme Bearer
	Address        string // the client address

	// Chains has the chains of the client's certificate that the TLS handshake verified. It is empty
	// if the client sent none.
	Chains [][]*x509.Certificate
}

// User is an authenticated client. A user may send the requests whose role is in both sets, and
// those that need no role.
type User struct {
	Name    string // the name to log; "" if unknown
	Roles   Roles  // granted by the configuration
	Scopes  Roles  // permitted by the scopes of a token; AllRoles for other credentials
	Account string // identifies the user even if Name is not logged; only the audit trail shows it
}

// AuthMethods lists the enabled authentication methods.
type AuthMethods struct {
	Basic             bool
	OAuth             *OAuthMethod // nil if off
	ClientCertificate bool
}

// OAuthMethod lists the scopes that bearer tokens need.
type OAuthMethod struct {
	RequiredScopes []string // required on every route
	EndpointScopes []string // required on single routes if Enforced is set
	Enforced       bool
}

// UnauthorizedError reports that a client could not be authenticated. Reason is written to the log
// and is never sent to the client.
type UnauthorizedError struct{ Reason string }

func (e *UnauthorizedError) Error() string { return e.Reason }

// CertificateError reports that a client's certificate is missing or not accepted. Reason is logged
// and sent to the client.
type CertificateError struct{ Reason string }

func (e *CertificateError) Error() string { return e.Reason }

// ThrottledError reports that a client must wait before it can be authenticated.
type ThrottledError struct {
	Reason     string // written to the log only
	RetryAfter time.Duration
}

func (e *ThrottledError) Error() string {
	return fmt.Sprintf("%s (retry after %s)", e.Reason, e.RetryAfter)
}

// Models stores the deployed endpoints. registry.Registry implements it and documents the methods.
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

// Backup moves endpoints with their history. registry.Registry implements it and documents the
// methods.
type Backup interface {
	OpenExport(name string) (*registry.Export, error)
	Stage(a *registry.ArchiveReader, e registry.Endpoint) (*registry.Staged, error)
	CheckRestore(s *registry.Staged) registry.Outcome
	Restore(s *registry.Staged, replace bool) (registry.Endpoint, registry.Outcome, error)
	DamagedManifests() []registry.DamagedManifest
}

// Runner loads and queries deployed models. runtime.Engine and runtime.Router implement it and
// document the methods.
type Runner interface {
	LoadModel(ctx context.Context, m runtime.Model) (runtime.ModelInfo, error)
	QueryModel(ctx context.Context, m runtime.Model, c runtime.Call) (runtime.Result, error)
	ForgetModel(digest string)
}

// Confinement reports which protections against code that takes over the process are up.
type Confinement interface {
	// Confinement returns all protections by name, and whether each is up.
	Confinement() map[string]bool
}

// StatsSource returns figures about cells and models for the metrics. runtime.Engine and
// runtime.Router implement it.
type StatsSource interface {
	Stats() runtime.Stats
	TemplateStats() runtime.TemplateStats
}
