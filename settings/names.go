package settings

// setting connects one field of Settings with its names.
//
// To add a setting:
//
//  1. Add the field to Settings (settings.go), with a comment that gives its meaning, unit, range,
//     and the meaning of an empty value.
//  2. Set its default in Defaults (defaults.go), unless the default is the zero value.
//  3. Add its line to the table below: a dotted path that no other line has; TabPy's name if TabPy
//     has the setting, which then has to leave unsupported (unsupported.go); our own name; a flag
//     if users change the value from one start to the next. Every flag is a flag of the server.
//  4. Run "go test ./settings -update" and read the change in assets/docs/settings.md.
//  5. Pass the value to the package that needs it, in the server package of cmd/tabcell.
//
// The tests read each setting by all its names from all layers. A setting with a check of its own
// also needs a bad value in testdata/values.bad.conf.
//
// To change a default:
//
//  1. Change it in Defaults, and in the line's defaultWords if it has some.
//  2. Run "go test ./settings -update" and read the change in assets/docs/settings.md.
//  3. If the library that gets the value has a default for the zero value, change that too.
//     TestLibraryDefaultsMatchSettings compares both.
//
// To rename a setting: change the names in its line, and add the old ones to formerNames.
//
// A setting can be given by any of its names in the file and in the environment. If one layer has
// several of them, our own name wins.
type setting struct {
	path         string
	tabpy        string // TabPy's name, or ""
	own          string
	flag         string // without dashes, or ""
	help         string // one line, for --help and the manual
	defaultWords string // describes a default that depends on the machine or is empty; or ""
	value        func(*Settings) value
}

// table has all settings in the order of the reference.
var table = []setting{
	{"server.host", "", "TABCELL_HOST", "host",
		"address to listen on; 0.0.0.0 makes the server reachable from the network", "127.0.0.1, or 0.0.0.0 with authentication",
		func(s *Settings) value { return text{at: &s.Server.Host, check: checkHost} }},
	{"server.port", "TABPY_PORT", "TABCELL_PORT", "port",
		"port to listen on; 0 selects a free port", "",
		func(s *Settings) value { return integer{&s.Server.Port, 0, 65535} }},
	{"server.proxies", "", "TABCELL_TRUSTED_PROXIES", "",
		"comma-separated addresses or networks of proxies whose Forwarded or X-Forwarded headers are trusted", "none",
		func(s *Settings) value { return text{at: &s.Server.TrustedProxies, check: checkNetworks} }},
	{"server.hosts", "", "TABCELL_ALLOWED_HOSTS", "",
		"comma-separated host names that requests may use besides the server's own; * allows any", "any name; on the loopback address, the server's own",
		func(s *Settings) value { return text{at: &s.Server.AllowedHosts, check: checkHosts} }},
	{"server.connections", "", "TABCELL_MAX_CONNECTIONS", "",
		"largest number of open connections; the longest idle one is closed for a new one", "three quarters of the open files that the system allows, at most 4096",
		func(s *Settings) value { return integer{&s.Server.MaxConnections, minConnections, 1_000_000} }},
	{"server.connections_per_address", "", "TABCELL_MAX_CONNECTIONS_PER_ADDRESS", "",
		"largest number of connections from one address; proxies of TABCELL_TRUSTED_PROXIES are exempt", "a quarter of the default of TABCELL_MAX_CONNECTIONS",
		func(s *Settings) value { return integer{&s.Server.MaxConnectionsPerAddress, 4, 1_000_000} }},
	{"auth.passwords", "TABPY_PWD_FILE", "TABCELL_PWD_FILE", "",
		"password file; enables authentication by user name and password", "none",
		func(s *Settings) value { return requiredPath{&s.Auth.PasswordFile} }},
	{"auth.memory", "", "TABCELL_PASSWORD_MEMORY_MB", "",
		"memory limit in MiB of all checks of passwords together; one check may use half of it", "256, less on a host with little memory",
		func(s *Settings) value { return integer{&s.Auth.MemoryMB, 16, 65536} }},
	{"auth.roles", "", "TABCELL_ROLES_FILE", "",
		"file that gives roles to accounts and to scopes of tokens", "none",
		func(s *Settings) value { return requiredPath{&s.Auth.RolesFile} }},
	{"auth.default_roles", "", "TABCELL_DEFAULT_ROLES", "",
		"comma-separated roles of clients that the roles file does not name: evaluate, query, deploy, metrics, admin, grant, or none", "",
		func(s *Settings) value { return roleList{&s.Auth.DefaultRoles} }},
	{"oauth.enabled", "TABPY_OAUTH_ENABLED", "TABCELL_OAUTH_ENABLED", "",
		"accept bearer tokens (JWT)", "",
		func(s *Settings) value { return boolean{&s.OAuth.Enabled} }},
	{"oauth.issuer", "TABPY_OAUTH_ISSUER", "TABCELL_OAUTH_ISSUER", "",
		"https URL of the issuer, exactly as tokens have it", "none",
		func(s *Settings) value { return text{at: &s.OAuth.Issuer} }},
	{"oauth.jwks", "TABPY_OAUTH_JWKS_URI", "TABCELL_OAUTH_JWKS_URI", "",
		"https URL of the issuer's key set", "none",
		func(s *Settings) value { return text{at: &s.OAuth.JWKSURI} }},
	{"oauth.jwks_file", "", "TABCELL_OAUTH_JWKS_FILE", "",
		"file with the key set, for hosts that cannot reach the issuer", "none",
		func(s *Settings) value { return requiredPath{&s.OAuth.KeySetFile} }},
	{"oauth.nonpublic", "TABPY_OAUTH_ALLOW_NONPUBLIC_JWKS", "TABCELL_OAUTH_ALLOW_NONPUBLIC_JWKS", "",
		"allow a key set URL on a private address", "",
		func(s *Settings) value { return boolean{&s.OAuth.AllowNonPublicJWKS} }},
	{"oauth.audience", "TABPY_OAUTH_AUDIENCE", "TABCELL_OAUTH_AUDIENCE", "",
		"audience that every token must have", "none",
		func(s *Settings) value { return text{at: &s.OAuth.Audience} }},
	{"oauth.scopes", "TABPY_OAUTH_REQUIRED_SCOPES", "TABCELL_OAUTH_REQUIRED_SCOPES", "",
		"comma-separated scopes that every token must have", "none",
		func(s *Settings) value { return text{at: &s.OAuth.RequiredScopes} }},
	{"oauth.enforce", "TABPY_OAUTH_ENFORCE_ENDPOINT_SCOPES", "TABCELL_OAUTH_ENFORCE_ENDPOINT_SCOPES", "",
		"also require the scope of the route", "",
		func(s *Settings) value { return boolean{&s.OAuth.EnforceEndpointScopes} }},
	{"oauth.query", "TABPY_OAUTH_QUERY_SCOPE", "TABCELL_OAUTH_QUERY_SCOPE", "",
		"scope for /query", "",
		func(s *Settings) value { return text{at: &s.OAuth.QueryScope} }},
	{"oauth.evaluate", "TABPY_OAUTH_EVALUATE_SCOPE", "TABCELL_OAUTH_EVALUATE_SCOPE", "",
		"scope for /evaluate", "",
		func(s *Settings) value { return text{at: &s.OAuth.EvaluateScope} }},
	{"oauth.deploy", "TABPY_OAUTH_DEPLOY_SCOPE", "TABCELL_OAUTH_DEPLOY_SCOPE", "",
		"scope for deploying and removing endpoints", "",
		func(s *Settings) value { return text{at: &s.OAuth.DeployScope} }},
	{"oauth.log", "TABPY_OAUTH_LOG_USER", "TABCELL_OAUTH_LOG_USER", "",
		"add a token's subject to the call-context line", "",
		func(s *Settings) value { return boolean{&s.OAuth.LogUser} }},
	{"tls.protocol", "TABPY_TRANSFER_PROTOCOL", "TABCELL_TRANSFER_PROTOCOL", "",
		"http or https", "",
		func(s *Settings) value {
			return text{at: &s.TLS.Protocol, choices: protocols, errorPrefix: "Unsupported transfer protocol: "}
		}},
	{"tls.certificate", "TABPY_CERTIFICATE_FILE", "TABCELL_CERTIFICATE_FILE", "",
		"PEM file with the certificate chain; required for https", "none",
		func(s *Settings) value { return path{&s.TLS.Certificate} }},
	{"tls.key", "TABPY_KEY_FILE", "TABCELL_KEY_FILE", "",
		"PEM file with the certificate's private key; required for https", "none",
		func(s *Settings) value { return path{&s.TLS.Key} }},
	{"tls.minimum", "TABPY_MINIMUM_TLS_VERSION", "TABCELL_MINIMUM_TLS_VERSION", "",
		"oldest accepted version of TLS: TLSv1_2 or TLSv1_3", "",
		func(s *Settings) value { return text{at: &s.TLS.Minimum} }},
	{"tls.client_ca", "", "TABCELL_CLIENT_CA_FILE", "",
		"PEM file with the authorities of client certificates; enables authentication by certificate", "none",
		func(s *Settings) value { return requiredPath{&s.TLS.ClientCA} }},
	{"tls.client_cert", "", "TABCELL_CLIENT_CERT", "",
		"required or optional: whether connections without a client certificate are refused", "",
		func(s *Settings) value { return text{at: &s.TLS.ClientCert, choices: clientCerts} }},
	{"tls.client_map", "", "TABCELL_CLIENT_CERT_MAP", "",
		"file that maps the subjects of client certificates to accounts", "none; the common name is the account",
		func(s *Settings) value { return requiredPath{&s.TLS.ClientCertMap} }},
	{"evaluate.timeout", "TABPY_EVALUATE_TIMEOUT", "TABCELL_EVALUATE_TIMEOUT", "timeout",
		"time limit of a script in seconds, including its wait in the queue", "",
		func(s *Settings) value { return seconds{&s.Evaluate.Timeout} }},
	{"evaluate.enable", "TABPY_EVALUATE_ENABLE", "TABCELL_EVALUATE_ENABLE", "",
		"run scripts that are sent to /evaluate; false refuses them", "",
		func(s *Settings) value { return boolean{&s.Evaluate.Enable} }},
	{"request.max", "TABPY_MAX_REQUEST_SIZE_MB", "TABCELL_MAX_REQUEST_SIZE_MB", "",
		"size limit of a request body in MiB, after decompression", "",
		func(s *Settings) value { return integer{&s.Request.MaxMB, 1, 2048} }},
	{"request.buffer", "", "TABCELL_BUFFER_MB", "",
		"memory limit in MiB of the bodies and responses of all requests", "800, less on a host with little memory",
		func(s *Settings) value { return integer{&s.Request.BufferMB, 8, 1 << 20} }},
	{"request.gzip", "TABPY_GZIP_ENABLE", "TABCELL_GZIP_ENABLE", "",
		"accept request bodies that are compressed with gzip", "",
		func(s *Settings) value { return boolean{&s.Request.Gzip} }},
	{"flight.enable", "TABPY_ARROW_ENABLE", "TABCELL_ARROW_ENABLE", "",
		"serve Arrow Flight, through which Tableau Prep sends tables", "",
		func(s *Settings) value { return boolean{&s.Flight.Enable} }},
	{"flight.port", "TABPY_ARROWFLIGHT_PORT", "TABCELL_ARROWFLIGHT_PORT", "",
		"port of Arrow Flight; 0 selects a free port", "",
		func(s *Settings) value { return integer{&s.Flight.Port, 0, 65535} }},
	{"flight.tables", "", "TABCELL_FLIGHT_TABLES_MB", "",
		"memory limit in MiB of all tables of Arrow Flight, part of TABCELL_BUFFER_MB", "half of TABCELL_BUFFER_MB",
		func(s *Settings) value { return integer{&s.Flight.TablesMB, 1, 1 << 20} }},
	{"flight.table", "", "TABCELL_FLIGHT_TABLE_MB", "",
		"size limit in MiB of one table of Arrow Flight", "TABCELL_OUTPUT_LIMIT_MB, at most two thirds of TABCELL_FLIGHT_TABLES_MB",
		func(s *Settings) value { return integer{&s.Flight.TableMB, 1, 2048} }},
	{"flight.ttl", "", "TABCELL_FLIGHT_TTL", "",
		"seconds after which a table of Arrow Flight is dropped, unless it has been taken", "",
		func(s *Settings) value { return integer{&s.Flight.TTL, 1, maxSeconds} }},
	{"static.path", "TABPY_STATIC_PATH", "TABCELL_STATIC_PATH", "",
		"folder whose files are served at /", "a built-in page",
		func(s *Settings) value { return path{&s.Static.Path} }},
	{"models.path", "", "TABCELL_MODELS_PATH", "",
		"private folder of the deployed endpoints", "tabcell-models in TABPY_STATE_PATH, or a folder of the user",
		func(s *Settings) value { return path{&s.Models.Path} }},
	{"models.size", "", "TABCELL_MODELS_MAX_MB", "",
		"size limit of one deployed model in MiB", "",
		func(s *Settings) value { return integer{&s.Models.MaxMB, 1, 2048} }},
	{"models.count", "", "TABCELL_MODELS_MAX_COUNT", "",
		"largest number of deployed endpoints", "",
		func(s *Settings) value { return integer{&s.Models.MaxCount, 0, 100_000} }},
	{"models.versions", "", "TABCELL_MODELS_KEEP_VERSIONS", "",
		"number of versions to keep of each endpoint, including the current one", "",
		func(s *Settings) value { return integer{&s.Models.KeepVersions, 1, 1000} }},
	{"models.templates", "", "TABCELL_MODELS_TEMPLATES_MB", "",
		"memory limit in MiB of the interpreters that are kept with a model loaded or libraries imported", "1024, less on a host with little memory",
		func(s *Settings) value { return integer{&s.Models.TemplatesMB, 0, 1 << 20} }},
	{"cluster.path", "", "TABCELL_CLUSTER_PATH", "",
		"private folder of a cluster node's log, certificate and key", "the path of TABCELL_MODELS_PATH with -cluster at the end",
		func(s *Settings) value { return path{&s.Cluster.Path} }},
	{"cluster.listen", "", "TABCELL_CLUSTER_LISTEN", "",
		"host and port on which a cluster node listens for the others; without a host, all addresses", "",
		func(s *Settings) value { return text{at: &s.Cluster.Listen, check: checkHostPort} }},
	{"cluster.advertise", "", "TABCELL_CLUSTER_ADVERTISE", "",
		"host and port at which the other nodes reach this one, such as 10.0.0.11:9005", "the one that was given to tabcell cluster init or join",
		func(s *Settings) value { return text{at: &s.Cluster.Advertise, check: checkHostPort} }},
	{"cluster.voters", "", "TABCELL_CLUSTER_VOTERS", "",
		"number of cluster nodes that decide about changes; further nodes only follow", "",
		func(s *Settings) value { return integer{&s.Cluster.Voters, 1, 7} }},
	{"cluster.join", "", "TABCELL_CLUSTER_JOIN", "",
		"comma-separated addresses of nodes, through which a server that is alone joins their cluster when it starts", "none",
		func(s *Settings) value { return text{at: &s.Cluster.Join, check: checkMembers} }},
	{"cluster.token", "", "TABCELL_CLUSTER_TOKEN_FILE", "",
		"file with the token for TABCELL_CLUSTER_JOIN", "none",
		func(s *Settings) value { return requiredPath{&s.Cluster.TokenFile} }},
	{"state.path", "TABPY_STATE_PATH", "TABCELL_STATE_PATH", "",
		"folder of TabPy's state.ini, which has the service's name and CORS headers", "none",
		func(s *Settings) value { return path{&s.State.Path} }},
	{"cells.guest", "", "TABCELL_GUEST", "guest",
		"libraries for scripts: core (numpy, pandas), full (adds scipy, scikit-learn), or auto (full if the script needs it)", "auto, core on a host with less than 1536 MiB",
		func(s *Settings) value { return text{at: &s.Cells.Guest, choices: guests} }},
	{"cells.packages", "", "TABCELL_PACKAGES", "packages",
		"folder of pure-Python wheels that scripts can import in addition", "none",
		func(s *Settings) value { return path{&s.Cells.Packages} }},
	{"cells.timezone", "", "TABCELL_TIMEZONE", "",
		"time zone of scripts, a name of the tz database such as Europe/Berlin", "the host's: TZ or /etc/localtime; on Windows UTC",
		func(s *Settings) value { return text{at: &s.Cells.TimeZone, check: checkTimeZone} }},
	{"cells.memory", "", "TABCELL_MEMORY_LIMIT_MB", "memory",
		"memory limit of one script in MiB, including the interpreter; at most 2047 with the stock engine", "1024, less on a host with little memory",
		func(s *Settings) value { return integer{&s.Cells.MemoryMB, 128, 4095} }},
	{"cells.output", "", "TABCELL_OUTPUT_LIMIT_MB", "",
		"size limit of one response in MiB", "256, less on a host with little memory",
		func(s *Settings) value { return integer{&s.Cells.OutputMB, 1, 2048} }},
	{"cells.concurrency", "", "TABCELL_CONCURRENCY", "concurrency",
		"number of scripts that run at once", "number of cores, fewer on a host with little memory",
		func(s *Settings) value { return integer{&s.Cells.Concurrency, 1, 1024} }},
	{"cells.queue", "", "TABCELL_QUEUE", "",
		"number of scripts that may wait for their turn, half of them of one account or address; further ones get 503", "",
		func(s *Settings) value { return integer{&s.Cells.Queue, 1, 100_000} }},
	{"cells.weights", "", "TABCELL_WEIGHTS", "",
		"comma-separated accounts or addresses that get more of the scripts that run at once, such as tableau=4", "1 for each",
		func(s *Settings) value { return text{at: &s.Cells.Weights, check: checkWeights} }},
	{"cells.grant_connections", "", "TABCELL_GRANT_CONNECTIONS", "",
		"largest number of open connections of all scripts that have a grant, a quarter of them of one account or endpoint", "",
		func(s *Settings) value { return integer{&s.Cells.GrantConnections, 1, 65536} }},
	{"cells.cache", "", "TABCELL_CACHE_DIR", "cache-dir",
		"private folder for compiled code", "tabcell in the user's cache folder",
		func(s *Settings) value { return path{&s.Cells.CacheDir} }},
	{"cells.code", "", "TABCELL_CODE_DIR", "",
		"folder of compiled code made by tabcell warm --into", "tabcell-code next to the program, or in lib/tabcell for a program in bin, if it exists",
		func(s *Settings) value { return path{&s.Cells.CodeDir} }},
	{"cells.interpreter", "", "TABCELL_ALLOW_INTERPRETER", "",
		"interpret the guest, up to 150 times slower, if executable memory is forbidden", "",
		func(s *Settings) value { return boolean{&s.Cells.AllowInterpreter} }},
	{"cells.verify", "", "TABCELL_VERIFY_CELLS", "",
		"compare each cell with the image after use; slow, for diagnosis", "",
		func(s *Settings) value { return boolean{&s.Cells.Verify} }},
	{"log.level", "", "TABCELL_LOG_LEVEL", "log-level",
		"lowest level that is logged: trace, debug, info, warn or error", "",
		func(s *Settings) value { return text{at: &s.Log.Level, choices: logLevels} }},
	{"log.format", "", "TABCELL_LOG_FORMAT", "log-format",
		"text, json, or auto: text on a terminal and for a program named tabpy, otherwise json", "",
		func(s *Settings) value { return text{at: &s.Log.Format, choices: logFormats} }},
	{"log.scripts", "", "TABCELL_LOG_SCRIPTS", "",
		"log the text of every script at debug, and the messages of exceptions; both can contain data", "",
		func(s *Settings) value { return boolean{&s.Log.Scripts} }},
	{"log.details", "TABPY_LOG_DETAILS", "TABCELL_LOG_DETAILS", "",
		"log the caller and the call of each request", "",
		func(s *Settings) value { return unlessFalse{&s.Log.Details} }},
	{"log.repeats", "", "TABCELL_LOG_REPEATS", "",
		"number of equal warnings about refused requests to log in a minute; further ones are counted; 0 logs all", "",
		func(s *Settings) value { return integer{&s.Log.Repeats, 0, 1_000_000} }},
	{"audit.to", "", "TABCELL_AUDIT", "",
		"where the audit trail goes: a file, stdout, syslog, or syslog:udp://HOST:PORT (or tcp)", "none",
		func(s *Settings) value { return auditTo{&s.Audit.To} }},
	{"audit.size", "", "TABCELL_AUDIT_MAX_MB", "",
		"size in MiB at which a new audit file begins; 0 means never", "",
		func(s *Settings) value { return integer{&s.Audit.MaxMB, 0, 1 << 20} }},
	{"audit.keep", "", "TABCELL_AUDIT_KEEP", "",
		"number of earlier audit files to keep; 0 means all", "",
		func(s *Settings) value { return integer{&s.Audit.Keep, 0, 100_000} }},
	{"metrics.enable", "", "TABCELL_METRICS", "",
		"serve GET /metrics for Prometheus, to clients with the role metrics", "",
		func(s *Settings) value { return boolean{&s.Metrics.Enable} }},
	{"console.enable", "", "TABCELL_CONSOLE", "",
		"serve the console at /console, a web page to try scripts and to look after endpoints", "",
		func(s *Settings) value { return boolean{&s.Console.Enable} }},
	{"process.confine", "", "TABCELL_CONFINE", "",
		"give up the rights that the server does not need: auto (as far as the system allows it), require, or off", "",
		func(s *Settings) value { return text{at: &s.Process.Confine, choices: confinements} }},
}

// formerName is a name that a setting had in an earlier version. It is accepted with a warning that
// gives the present name. Help texts and examples do not show it.
type formerName struct {
	own  string
	flag string // without dashes, or ""
}

// formerNames has the former names of renamed settings, by path.
var formerNames = map[string]formerName{
	"cells.concurrency": {own: "TABCELL_PLACES", flag: "places"},
}

var (
	protocols  = []string{"http", "https"}
	guests     = []string{"auto", "core", "full"}
	logLevels  = []string{"trace", "debug", "info", "warn", "error"}
	logFormats = []string{"auto", "text", "json"}

	clientCerts  = []string{"required", "optional"}
	confinements = []string{"auto", "require", "off"}
)
