package runtime

import "tabcell/runtime/internal/grant"

// The data of grants. See package grant for the fields.
type (
	// Grants is all that one call may use outside of its cell. A nil Grants grants nothing.
	Grants = grant.Grants
	// Grant is one named grant.
	Grant = grant.Grant
	// GrantFolder is a folder of the host that scripts may read, and its path in the cell.
	GrantFolder = grant.Folder
	// GrantTarget is a port of one host that may be connected to.
	GrantTarget = grant.Target
	// GrantUse describes a use of a grant, for the audit log and metrics.
	GrantUse = grant.Use
	// GrantUseKind is the kind of a use.
	GrantUseKind = grant.UseKind
	// GrantLimits bound the uses of all calls together.
	GrantLimits = grant.Limits
	// GrantResolver resolves names of hosts.
	GrantResolver = grant.Resolver
	// GrantReport is the result of TestGrants.
	GrantReport = grant.Report
	// GrantOutcome is the end of a use.
	GrantOutcome = grant.Outcome
)

// The kinds and outcomes of uses.
const (
	GrantConnect = grant.UseConnect
	GrantFile    = grant.UseFile

	GrantOK      = grant.OutcomeOK
	GrantDenied  = grant.OutcomeDenied
	GrantFailed  = grant.OutcomeFailed
	GrantTimeout = grant.OutcomeTimeout
	GrantLimit   = grant.OutcomeLimit
)

// The defaults of Grant.
const (
	DefaultGrantConnections = grant.DefaultConnections
	DefaultGrantBytes       = grant.DefaultBytes
)

// ParseGrantTarget parses a target, such as https://geo.example.com or tcp://192.0.2.1:1433. Its
// error has the target and what is wrong with it.
func ParseGrantTarget(s string) (GrantTarget, error) { return grant.ParseTarget(s) }

// ParseGrantFolder parses a folder: HOST or HOST=GUEST. It does not look at the file system.
func ParseGrantFolder(s string) (GrantFolder, error) { return grant.ParseFolder(s) }
