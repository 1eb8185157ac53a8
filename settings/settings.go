// Package settings reads the configuration of tabcell. It merges all sources of values, checks the
// values, and reports all problems together.
//
// Vocabulary:
//
//   - setting: one value, described by one line of the table in names.go. It has a name that begins
//     with TABCELL_, and TabPy's name as well if TabPy has the same setting.
//   - layer: a source of values. Later layers win: defaults, file, environment, flags.
//   - origin: the layer that a value came from, and the place in it.
//   - problem: something wrong with one value. The server does not start after an error; a warning
//     is logged.
//   - state: TabPy's state.ini, which names the service (state.go).
//
// Load does all of this. The comments on the fields of Settings are the reference manual;
// reference.go prints the table of names.
package settings

import "cmp"

// Settings is the effective configuration. It is a value: copies are independent.
type Settings struct {
	Server   Server
	Auth     Auth
	OAuth    OAuth
	TLS      TLS
	Evaluate Evaluate
	Request  Request
	Flight   Flight
	Cells    Cells
	Models   Models
	Cluster  Cluster
	State    State
	Static   Static
	Log      Log
	Audit    Audit
	Metrics  Metrics
	Console  Console
	Process  Process
}

// Server is the address of the service and the requests that it accepts there.
type Server struct {
	// Host is the address or name to listen on. The default is the loopback address, 127.0.0.1, or
	// 0.0.0.0 (as in TabPy) if authentication is enabled. Without authentication, 0.0.0.0 or ::
	// lets everyone on the network run scripts. If empty, the server listens on 127.0.0.1.
	Host string
	// Port is 1-65535, or 0 for any free port.
	Port int
	// TrustedProxies is a comma-separated list of the addresses and networks of proxies. Their
	// X-Forwarded-For and Forwarded headers give the client's address, and X-Forwarded-Proto, -Host
	// and -Prefix the server's URL in pages. If empty, these headers are ignored.
	TrustedProxies string
	// AllowedHosts is a comma-separated list of host names that requests may use in addition to the
	// server's own names; * allows any. If empty, the server allows any name, or only its own names
	// if it listens on the loopback address.
	AllowedHosts string
	// MaxConnections is the largest number of open connections; 16-1000000. At the limit, the
	// longest idle one is closed for a new one.
	MaxConnections int
	// MaxConnectionsPerAddress is the largest number of connections from one address, or from one
	// IPv6 network of 64 bits; 4-1000000. It does not apply to TrustedProxies.
	MaxConnectionsPerAddress int
}

// Auth is authentication by user name and password.
type Auth struct {
	// PasswordFile is a file with lines NAME HASH, in TabPy's format. Naming one enables
	// authentication by user name and password.
	PasswordFile string
	// MemoryMB is the memory limit, in MiB, of all checks of passwords that run at once; 16-65536. One
	// check may use half of it. The default permits two checks of argon2id with 64 MiB, and one more
	// for a login that has succeeded before.
	MemoryMB int
	// RolesFile is a file that gives roles to accounts and to scopes of tokens. If empty, each has
	// DefaultRoles.
	RolesFile string
	// DefaultRoles is a comma-separated list of the roles of clients that RolesFile does not name:
	// evaluate, query, deploy, metrics, admin and grant.
	DefaultRoles string
}

// OAuth is authentication by bearer tokens (JWT). It works with or without passwords.
type OAuth struct {
	Enabled bool
	// Issuer is an https URL. A token's iss must equal it character by character, a final slash
	// included.
	Issuer string
	// JWKSURI is the https URL of the issuer's key set.
	JWKSURI string
	// AllowNonPublicJWKS permits a JWKSURI on an address that is not publicly routable, such as one
	// in a company's network.
	AllowNonPublicJWKS bool
	// Audience is the value that a token's aud must contain. If empty, aud is not checked and
	// RequiredScopes must not be empty.
	Audience string
	// RequiredScopes is a comma-separated list of scopes; every token must have all of them.
	RequiredScopes string
	// EnforceEndpointScopes requires one of the following three scopes as well, depending on the
	// route.
	EnforceEndpointScopes                  bool
	QueryScope, EvaluateScope, DeployScope string
	// LogUser adds a token's sub to the call-context line. It has no effect without Log.Details.
	LogUser bool
	// KeySetFile is a file with the key set, for hosts that cannot reach JWKSURI.
	KeySetFile string
}

// TLS is the encryption of the connections.
type TLS struct {
	// Protocol is http or https.
	Protocol string
	// Certificate and Key are PEM files; https requires both.
	Certificate, Key string
	// Minimum is the oldest accepted version of TLS: TLSv1_2 or TLSv1_3.
	Minimum string
	// ClientCA is a PEM file with the authorities that issue the certificates of clients. Naming one
	// enables authentication by client certificate, which requires https.
	ClientCA string
	// ClientCert is required or optional. If required, the server refuses connections without a
	// certificate. It has no effect without ClientCA.
	ClientCert string
	// ClientCertMap is a file with lines SUBJECT ACCOUNT. If empty, the account is the common name of
	// the subject.
	ClientCertMap string
}

// Evaluate governs the scripts that are sent with a request.
type Evaluate struct {
	// Enable is false if /evaluate is to respond with 404, as TabPy does.
	Enable bool
	// Timeout is the time limit of a script, from its entry into the queue to the response, up to
	// 24 hours. 0 times every script out at once.
	Timeout Seconds
}

// Request limits the bodies of requests.
type Request struct {
	// MaxMB is the largest body in MiB, after decompression; 1-2048.
	MaxMB int
	// BufferMB is the memory limit, in MiB, of the bodies and responses of all requests; 8-1048576.
	// The default is eight times MaxMB, at least twice Cells.OutputMB, and less on a host with little
	// memory.
	BufferMB int
	// Gzip accepts bodies with Content-Encoding: gzip.
	Gzip bool
}

// Flight governs the Arrow Flight service, through which Tableau Prep sends tables to scripts.
type Flight struct {
	// Enable serves Arrow Flight on the host of Server, with its TLS and its accounts.
	Enable bool
	// Port is the port of the service: 1-65535, or 0 for any free port.
	Port int
	// TablesMB is the memory limit, in MiB, of all tables that wait for a script or a client;
	// 1-1048576. It is part of Request.BufferMB, and the default is half of that. One account, or one
	// address without accounts, can use two thirds of it.
	TablesMB int
	// TableMB is the size limit of one table in MiB; 1-2048. The default is Cells.OutputMB, but at most
	// two thirds of TablesMB.
	TableMB int
	// TTL is the lifetime of a table in seconds; 1-86400. A table that neither a script nor a client
	// has taken by then is dropped.
	TTL int
}

// Cells limits the resources of scripts. A cell is the WebAssembly instance in which one script
// runs.
type Cells struct {
	// Guest selects the libraries that scripts can import. core is Python with numpy and pandas.
	// full adds scipy and scikit-learn; it needs more memory and a longer first start. auto starts
	// with core, adds full as soon as it is compiled, and runs each script in the one that it needs.
	Guest string
	// Packages is a folder of pure-Python wheels that scripts can import in addition. They are
	// verified at each start.
	Packages string
	// TimeZone is the zone of local time in scripts, a name of the tz database such as Europe/Berlin.
	// If empty, it is the zone of the host.
	TimeZone string
	// MemoryMB is the memory limit of one script in MiB, including the interpreter; 128-4095, or less
	// if the engine does not support as much (Sources.MaxMemoryMB).
	MemoryMB int
	// OutputMB is the size limit of one response in MiB; 1-2048.
	OutputMB int
	// Concurrency is how many scripts run at once; 1-1024. More than the number of cores only makes
	// all of them slower.
	Concurrency int
	// Queue is how many scripts may wait for their turn; 1-100000. When the queue is full, requests
	// get 503 with Retry-After. The scripts of one account, or of one address without accounts, may
	// fill half of it.
	Queue int
	// Weights has the weights of accounts and addresses, comma-separated and each from 1 to 100, such
	// as tableau=4,10.0.0.5=2,2001:db8::/64=2. Others have the weight 1. While scripts wait, an
	// account of weight 4 runs four times as many at once, and it may fill four fifths of the queue
	// (ParseWeights).
	Weights string
	// GrantConnections is how many connections the scripts that have a grant may have open together;
	// 1-65536. Those of one account or endpoint may have a quarter of them.
	GrantConnections int
	// CacheDir keeps compiled code between starts. It must belong to the user who runs the server
	// and be writable by no other user. If empty, nothing is kept and every start compiles again.
	CacheDir string
	// CodeDir is a folder of compiled code, made by "tabcell warm --into". Only the program that
	// made it uses it, in place of CacheDir. It must belong to root or to the program's owner and be
	// writable by no other user. If empty, it is the folder tabcell-code next to the program, if
	// that exists.
	CodeDir string
	// AllowInterpreter permits a host that forbids executable memory to interpret the guest, which
	// is up to 150 times slower.
	AllowInterpreter bool
	// Verify compares each cell's memory with the image after use. It costs milliseconds per script
	// and is meant for diagnosis.
	Verify bool
}

// Models limits the endpoints that are deployed.
type Models struct {
	// Path is the private folder of the deployed endpoints. The default is tabcell-models in
	// TABPY_STATE_PATH, or a folder in the user's configuration folder if that is not set. If empty,
	// nothing can be deployed.
	Path string
	// MaxMB is the size limit of one model in MiB; 1-2048.
	MaxMB int
	// MaxCount is the largest number of endpoints; 0-100000.
	MaxCount int
	// KeepVersions is how many versions of an endpoint are kept, including the current one; 1-1000.
	KeepVersions int
	// TemplatesMB is the memory limit, in MiB, of the interpreters that are kept with their model
	// loaded; 0-1048576. The least recently used ones are dropped first; a request for their
	// endpoint loads them again.
	TemplatesMB int
}

// State is the location of TabPy's state.
type State struct {
	// Path is the folder of state.ini. It must exist. If empty, no state file is read.
	Path string
}

// Static is the content for browsers.
type Static struct {
	// Path is a folder whose files are served at /. If empty, a built-in page is served.
	Path string
}

// Log governs the log, which goes to standard error. Level and Format have no effect if the file
// has Python's logger sections (Loaded.PyLog), which replace them.
type Log struct {
	// Level is trace, debug, info, warn or error. Output that scripts print is logged at debug.
	Level string
	// Format is text, json or auto. auto is text on a terminal and for a program named tabpy, because
	// programs that watch TabPy's log know its sentences; it is json everywhere else.
	Format string
	// Scripts logs the text of every script and its data at debug, and the messages of exceptions,
	// which may contain data.
	Scripts bool
	// Details logs one line per request with the caller, the call and its id.
	Details bool
	// Repeats is how many equal warnings or errors about refused requests and connections are logged
	// in a minute; 0-1000000. Further ones are counted. 0 means no limit.
	Repeats int
}

// Metrics governs monitoring.
type Metrics struct {
	// Enable serves GET /metrics in Prometheus' text format, to clients with the role metrics.
	Enable bool
}

// Console governs the web pages for analysts and administrators.
type Console struct {
	// Enable serves the console at /console. Clients sign in with the accounts, tokens or certificates
	// of the API, and may do there what their roles permit.
	Enable bool
}

// Process governs the rights of the server's process.
type Process struct {
	// Confine is auto, require or off. The server gives up the rights that it does not need after
	// the start, so that even a script that escaped from its cell could not start programs, read
	// other files or open connections. auto does this as far as the system allows it, require refuses
	// to start where the system does not, and off keeps all rights.
	Confine string
}

// ListenHost returns Host, or the loopback address if Host is empty.
func (s Server) ListenHost() string { return cmp.Or(s.Host, loopback) }

// Authenticates reports whether callers must authenticate, by password, token or certificate.
func (s Settings) Authenticates() bool {
	return s.Auth.PasswordFile != "" || s.OAuth.Enabled || s.TLS.ClientCA != ""
}
