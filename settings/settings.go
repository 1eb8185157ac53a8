// Package settings is the whole configuration: where its values come from, what they mean, and what is wrong with them.
//
// Vocabulary:
//
//   - setting: one value with one line in the table of names.go; its name is a TABPY_ name, its own TABCELL_ name, or either.
//   - layer: a place that values come from. Later layers win: defaults, the file, the environment, flags.
//   - origin: the layer that a value came from, and where in it.
//   - problem: something wrong with one value; an error ends the start, a warning is logged.
//   - state: TabPy's state.ini, which names the service (state.go).
//
// Load gathers all of it. The fields below are the reference manual; reference.go prints the table of names.
package settings

// Settings is the configuration that is in force. It is a value: copies are independent.
type Settings struct {
	Server   Server
	Auth     Auth
	OAuth    OAuth
	TLS      TLS
	Evaluate Evaluate
	Request  Request
	Cells    Cells
	Models   Models
	State    State
	Static   Static
	Log      Log
	Metrics  Metrics
}

// Server says where the service listens.
type Server struct {
	// Host is an address or a name to listen on. Without authentication the default is the loopback address 127.0.0.1: 0.0.0.0 (or ::)
	// opens the service to the network, and to everybody on it. With authentication it is 0.0.0.0, as TabPy's. Empty: 127.0.0.1.
	Host string
	// Port is 1-65535, or 0 for any free one.
	Port int
	// TrustedProxies are addresses and networks, with commas between them, whose X-Forwarded-For names the caller. Empty: nobody's does.
	TrustedProxies string
	// AllowedHosts are the names, with commas between them, that requests may call this server besides its own; * is any. Empty: any, or,
	// while it listens on the loopback address, its own only.
	AllowedHosts string
}

// Auth is authentication by name and password.
type Auth struct {
	// PasswordFile switches it on: lines NAME HASH, as TabPy reads them.
	PasswordFile string
}

// OAuth is authentication by bearer tokens (JWT), beside passwords or instead of them.
type OAuth struct {
	Enabled bool
	// Issuer is an https address; tokens name it letter by letter, a slash at the end included.
	Issuer string
	// JWKSURI is the https address of the issuer's key set.
	JWKSURI string
	// AllowNonPublicJWKS permits a key set on an address that is not reachable from everywhere, such as one of the company's network.
	AllowNonPublicJWKS bool
	// Audience is what a token's aud must have; empty: aud is not looked at, and RequiredScopes must have one.
	Audience string
	// RequiredScopes is the text of the setting: names with commas between them, all of which every token must have.
	RequiredScopes string
	// EnforceEndpointScopes asks for one of the three scopes below besides, by route.
	EnforceEndpointScopes                  bool
	QueryScope, EvaluateScope, DeployScope string
	// LogUser names a token's sub in the call-context line; needs Log.Details.
	LogUser bool
	// KeySetFile is a key set as a file, for sites without a way to JWKSURI.
	KeySetFile string
}

// TLS is how bytes travel.
type TLS struct {
	// Protocol is http or https.
	Protocol string
	// Certificate and Key are PEM files, needed with https.
	Certificate, Key string
	// Minimum is TLSv1_2 or TLSv1_3.
	Minimum string
}

// Evaluate governs scripts sent with a request.
type Evaluate struct {
	// Enable false answers /evaluate with 404, as TabPy does.
	Enable bool
	// Timeout is the time from entering the queue to the answer, at most a day. 0 ends every script at once.
	Timeout Seconds
}

// Request governs what comes in.
type Request struct {
	// MaxMB bounds a request's body in MiB, after it was inflated; 1-2048.
	MaxMB int
	// Gzip accepts bodies with Content-Encoding: gzip.
	Gzip bool
}

// Cells bounds what scripts may use.
type Cells struct {
	// Guest is which libraries scripts have: core is Python with numpy and pandas; full adds scipy and scikit-learn, and takes more memory and
	// a longer first start; auto serves with core at once and with full as soon as it is compiled, each script by the one it needs.
	Guest string
	// Packages is a folder of pure-Python wheels that scripts can import besides. They are verified at each start.
	Packages string
	// MemoryMB caps a script's memory in MiB, the interpreter included; 128-4095.
	MemoryMB int
	// OutputMB caps an answer in MiB; 1-2048.
	OutputMB int
	// Concurrency is how many scripts run at once; 1-1024. More than the number of cores only makes
	// all of them slower.
	Concurrency int
	// Queue is how many scripts may wait for their turn; more are answered with 503 and Retry-After. 1-100000.
	Queue int
	// CacheDir keeps compiled code between starts; it must belong to the user and be writable by nobody else. Empty: nothing
	// is kept, and every start compiles anew.
	CacheDir string
	// CodeDir is a folder of compiled code made by "tabcell warm --into", used instead of CacheDir by the program that made it. It must belong
	// to root or to the program's owner, and be writable by nobody else. Empty: tabcell-code beside the program, if there is one.
	CodeDir string
	// AllowInterpreter permits a host that forbids executable memory to interpret the guest instead, up to 150 times slower.
	AllowInterpreter bool
	// Verify compares each cell's memory with the image after use. It costs milliseconds a script: for diagnosis.
	Verify bool
}

// Models bounds what is deployed to stay.
type Models struct {
	// Path is the private folder that keeps deployed endpoints. The default is tabcell-models in TABPY_STATE_PATH, or without that a folder
	// of the user's. Empty: there is none, and nothing can be deployed.
	Path string
	// MaxMB is how large one model may be, in MiB; 1-2048.
	MaxMB int
	// MaxCount is how many endpoints there may be; 0-100000.
	MaxCount int
	// KeepVersions is how many versions of an endpoint are kept, the current one included; 1-1000.
	KeepVersions int
	// TemplatesMB is the memory, in MiB, for interpreters that have their model loaded already; 0-1048576. Those used least are dropped
	// first, and come back on demand.
	TemplatesMB int
}

// State says where TabPy's state is.
type State struct {
	// Path is the folder of state.ini, which must exist; empty: there is none.
	Path string
}

// Static says what browsers get.
type Static struct {
	// Path is a folder whose files are served at /. Empty: a built-in page.
	Path string
}

// Log governs the log, which goes to standard error. Where the file has Python's logger sections, these say instead what is logged, where,
// and in which form: Level and Format have no effect then (Loaded.PyLog).
type Log struct {
	// Level is trace, debug, info, warn or error. What scripts print appears at debug.
	Level string
	// Format is text, json, or auto: text on a terminal, and where the program was started as tabpy, whose sentences log watchers know;
	// json elsewhere.
	Format string
	// Scripts logs the text of every script, and the data with it, at debug, and the texts of exceptions, which may hold data.
	Scripts bool
	// Details logs who called what, with the call's id, once a request.
	Details bool
}

// Metrics governs what monitoring gets.
type Metrics struct {
	// Enable answers GET /metrics, in Prometheus' text format, to whoever may see /status.
	Enable bool
}

const loopback, anyAddress = "127.0.0.1", "0.0.0.0"

// ListenHost is Host, or the loopback address where it is empty.
func (s Server) ListenHost() string {
	if s.Host == "" {
		return loopback
	}
	return s.Host
}

// Authenticates tells whether callers must say who they are, in one way or the other.
func (s Settings) Authenticates() bool { return s.Auth.PasswordFile != "" || s.OAuth.Enabled }
