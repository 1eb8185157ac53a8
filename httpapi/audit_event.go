package httpapi

import "time"

// Audit keeps the audit trail. It must be safe for concurrent use.
type Audit interface {
	// Record stores an event. It adds the time. If it returns an error, the event is not stored, and
	// a change that it announces must not be made.
	Record(e AuditEvent) error
}

// AuditEvent is an entry of the audit trail. Fields that do not apply are zero. No field contains
// the text of a script, data, a password or a token.
type AuditEvent struct {
	Kind     AuditKind
	Outcome  AuditOutcome
	Account  string // who; "" if unknown
	Address  string // the client address; "" if the event has no client
	Call     string // call ID of the request; "" if the event has no request
	Endpoint string // name of the endpoint that is changed or queried
	Version  int    // version of the endpoint; 0 if it does not apply
	SHA256   string // in hex, of the script or of the code of the model
	Reason   string // why the event was refused or failed, or what was reloaded

	// These describe a use of a grant.
	Grant       string // name; "" if no grant permits the attempt
	Target      string // URL of the server, or the path of the file as the script wrote it
	PeerAddress string // of the server; "" without a connection
	BytesIn     int64  // received or read
	BytesOut    int64  // sent
	Duration    time.Duration
}

// AuditKind is the kind of an event.
type AuditKind string

// The kinds of events. The manual lists them for readers of the audit trail (assets/docs/audit.md).
const (
	AuditStart    AuditKind = "start"    // the server started
	AuditStop     AuditKind = "stop"     // the server stopped
	AuditSignIn   AuditKind = "sign-in"  // credentials were accepted or refused
	AuditSignOut  AuditKind = "sign-out" // a session of the console was ended by its user
	AuditAccess   AuditKind = "access"   // a request was refused because a role is missing
	AuditDeploy   AuditKind = "deploy"   // a version of an endpoint is deployed
	AuditUpdate   AuditKind = "update"   // the metadata of an endpoint are changed
	AuditRollback AuditKind = "rollback" // an old version is deployed again
	AuditRemove   AuditKind = "remove"   // an endpoint is removed
	AuditExport   AuditKind = "export"   // an endpoint with its code was read
	AuditImport   AuditKind = "import"   // an archived endpoint is restored
	AuditReload   AuditKind = "reload"   // a part of the configuration was read again
	AuditLimit    AuditKind = "limit"    // a script or a request exceeded a limit
	AuditGrant    AuditKind = "grant"    // a script used a grant, or tried to
)

// AuditOutcome is the result of an event.
type AuditOutcome string

// The outcomes of events. A change is recorded as AuditOK before it is made. If it fails
// nevertheless, a second entry has AuditFailed.
const (
	AuditOK      AuditOutcome = "ok"
	AuditRefused AuditOutcome = "refused"
	AuditFailed  AuditOutcome = "failed"
)

// AuditStatsSource returns the state of the audit trail for the metrics and for GET /status/server.
type AuditStatsSource interface{ Stats() AuditStats }

// AuditStats is the state of an audit trail.
type AuditStats struct {
	Lines   uint64 `json:"lines"`   // sequence number of the last line
	Head    string `json:"head"`    // hash of the last line
	Lost    uint64 `json:"lost"`    // events since the start that could not be stored
	Failing string `json:"failing"` // why the last event was not stored; "" if it was
}
