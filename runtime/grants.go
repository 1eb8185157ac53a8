package runtime

import (
	"crypto/x509"
	"net/url"
	"time"
)

// Grants is the set of everything outside its cell that a call may use. A nil *Grants permits
// nothing. It must not change while a call has it.
type Grants struct {
	// Owner is the account or the endpoint that has the grants, for messages, such as "account
	// analyst" or "endpoint churn".
	Owner string
	List  []*Grant
	// ServerPorts are the ports on which this server listens. A connection to one of them on an
	// address of this host needs a target with that literal address.
	ServerPorts []int
	// Report, if not nil, is called once for each connection and each opened file, when it is closed,
	// and for each attempt that fails or is refused. It is called from any goroutine and must not
	// block.
	Report func(GrantUse)
}

// Grant is the permission to read folders and to connect to targets. Names of grants are unique.
type Grant struct {
	Name    string
	Folders []GrantedFolder
	Targets []GrantedTarget
	Roots   *x509.CertPool    // authorities of TLS servers; nil means the host's
	Proxy   *url.URL          // http or https proxy for connections, with credentials; nil means none
	Env     map[string]string // environment variables of the script; secret

	MaxConnections int   // open at the same time in one call; 0 means DefaultGrantConnections
	MaxBytes       int64 // sent, received and read by one call; 0 means DefaultGrantBytes
}

// Defaults of a Grant.
const (
	DefaultGrantConnections = 8
	DefaultGrantBytes       = 64 << 20
)

// GrantedFolder is a folder of the host that scripts may read, with everything in it.
type GrantedFolder struct {
	Host  string // absolute, with symbolic links resolved
	Guest string // absolute path with slashes, at which scripts see it; may be a Windows path, as C:/models
}

// GrantedTarget is a server to which scripts may connect.
type GrantedTarget struct {
	Scheme string // tcp, tls, http or https
	Host   string // a name in lower case without a final dot, or a literal address as netip prints it
	Port   int    // 1-65535
}

// GrantUse is one use of a grant, or a refused attempt.
type GrantUse struct {
	Grant    string // name; "" if no grant permits the attempt
	Target   string // tcp://host:port or tls://host:port, or the path as the script sees it
	Address  string // address and port of the connection; "" if there was none
	Sent     int64  // bytes
	Received int64  // bytes, or bytes read from a file
	Duration time.Duration
	// Outcome is "ok", "refused" (no grant permits it, or a limit of the grant) or a short class of
	// the failure: "dns", "connect", "tls", "timeout", "canceled", "io", "missing".
	Outcome string
}
