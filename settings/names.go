package settings

import (
	"slices"
	"strings"
)

// setting ties one field to all its names. To add a setting:
//
//  1. add the field to Settings, with a comment that gives meaning, unit, range and trap;
//  2. give it a value in Defaults;
//  3. add its line to the table below: a dotted path that no other line has; TabPy's name, if TabPy has that setting, which
//     then leaves the table unsupported; our own name, always; a flag, if people change it from one start to the next;
//  4. add it to testdata/all.good.conf, and a bad value of it to testdata/values.bad.conf;
//  5. run `go test ./settings -update`, and read what changed in testdata and in the table of README.md;
//  6. let cmd/tabcell/serve.go hand it to the room that needs it.
//
// The environment variable of a setting has the name of the setting, either of them. Where one layer has both names, our own wins.
type setting struct {
	path         string
	tabpy        string // TabPy's name, or ""
	own          string
	flag         string // without dashes, or ""
	help         string // one line, for --help and the README
	defaultWords string // the default in words, where its value depends on the machine or is empty
	value        func(*Settings) value
}

var table = []setting{
	{"server.host", "", "TABCELL_HOST", "host", "address to listen on; 0.0.0.0 opens the service to the network", "127.0.0.1; with authentication 0.0.0.0",
		func(s *Settings) value { return text{at: &s.Server.Host, check: checkHost} }},
	{"server.port", "TABPY_PORT", "TABCELL_PORT", "port", "port to listen on; 0 takes any free one", "",
		func(s *Settings) value { return integer{&s.Server.Port, 0, 65535} }},
	{"server.proxies", "", "TABCELL_TRUSTED_PROXIES", "", "addresses or networks, with commas, whose X-Forwarded-For names the caller", "none",
		func(s *Settings) value { return text{at: &s.Server.TrustedProxies, check: checkNetworks} }},
	{"server.hosts", "", "TABCELL_ALLOWED_HOSTS", "", "names, with commas, that requests may call this server besides its own; * is any", "any; on the loopback address its own",
		func(s *Settings) value { return text{at: &s.Server.AllowedHosts, check: checkHosts} }},
	{"auth.passwords", "TABPY_PWD_FILE", "TABCELL_PWD_FILE", "", "password file; switches authentication by name and password on", "none",
		func(s *Settings) value { return requiredPath{&s.Auth.PasswordFile} }},
	{"oauth.enabled", "TABPY_OAUTH_ENABLED", "TABCELL_OAUTH_ENABLED", "", "accept bearer tokens (JWT)", "",
		func(s *Settings) value { return boolean{&s.OAuth.Enabled} }},
	{"oauth.issuer", "TABPY_OAUTH_ISSUER", "TABCELL_OAUTH_ISSUER", "", "https address of the issuer, exactly as tokens name it", "none",
		func(s *Settings) value { return text{at: &s.OAuth.Issuer} }},
	{"oauth.jwks", "TABPY_OAUTH_JWKS_URI", "TABCELL_OAUTH_JWKS_URI", "", "https address of the issuer's key set", "none",
		func(s *Settings) value { return text{at: &s.OAuth.JWKSURI} }},
	{"oauth.jwks_file", "", "TABCELL_OAUTH_JWKS_FILE", "", "key set as a file, for hosts that cannot reach the issuer", "none",
		func(s *Settings) value { return requiredPath{&s.OAuth.KeySetFile} }},
	{"oauth.nonpublic", "TABPY_OAUTH_ALLOW_NONPUBLIC_JWKS", "TABCELL_OAUTH_ALLOW_NONPUBLIC_JWKS", "", "permit a key set on a private address", "",
		func(s *Settings) value { return boolean{&s.OAuth.AllowNonPublicJWKS} }},
	{"oauth.audience", "TABPY_OAUTH_AUDIENCE", "TABCELL_OAUTH_AUDIENCE", "", "audience that tokens must have", "none",
		func(s *Settings) value { return text{at: &s.OAuth.Audience} }},
	{"oauth.scopes", "TABPY_OAUTH_REQUIRED_SCOPES", "TABCELL_OAUTH_REQUIRED_SCOPES", "", "scopes, with commas, that every token must have", "none",
		func(s *Settings) value { return text{at: &s.OAuth.RequiredScopes} }},
	{"oauth.enforce", "TABPY_OAUTH_ENFORCE_ENDPOINT_SCOPES", "TABCELL_OAUTH_ENFORCE_ENDPOINT_SCOPES", "", "ask for a scope by route besides", "",
		func(s *Settings) value { return boolean{&s.OAuth.EnforceEndpointScopes} }},
	{"oauth.query", "TABPY_OAUTH_QUERY_SCOPE", "TABCELL_OAUTH_QUERY_SCOPE", "", "scope of /query", "",
		func(s *Settings) value { return text{at: &s.OAuth.QueryScope} }},
	{"oauth.evaluate", "TABPY_OAUTH_EVALUATE_SCOPE", "TABCELL_OAUTH_EVALUATE_SCOPE", "", "scope of /evaluate", "",
		func(s *Settings) value { return text{at: &s.OAuth.EvaluateScope} }},
	{"oauth.deploy", "TABPY_OAUTH_DEPLOY_SCOPE", "TABCELL_OAUTH_DEPLOY_SCOPE", "", "scope for deploying and removing endpoints", "",
		func(s *Settings) value { return text{at: &s.OAuth.DeployScope} }},
	{"oauth.log", "TABPY_OAUTH_LOG_USER", "TABCELL_OAUTH_LOG_USER", "", "name a token's subject in the call-context line", "",
		func(s *Settings) value { return boolean{&s.OAuth.LogUser} }},
	{"tls.protocol", "TABPY_TRANSFER_PROTOCOL", "TABCELL_TRANSFER_PROTOCOL", "", "http or https", "",
		func(s *Settings) value {
			return text{at: &s.TLS.Protocol, choices: protocols, errorPrefix: "Unsupported transfer protocol: "}
		}},
	{"tls.certificate", "TABPY_CERTIFICATE_FILE", "TABCELL_CERTIFICATE_FILE", "", "PEM file with the certificate chain, for https", "none",
		func(s *Settings) value { return path{&s.TLS.Certificate} }},
	{"tls.key", "TABPY_KEY_FILE", "TABCELL_KEY_FILE", "", "PEM file with the certificate's private key, for https", "none",
		func(s *Settings) value { return path{&s.TLS.Key} }},
	{"tls.minimum", "TABPY_MINIMUM_TLS_VERSION", "TABCELL_MINIMUM_TLS_VERSION", "", "oldest TLS that is spoken: TLSv1_2 or TLSv1_3", "",
		func(s *Settings) value { return text{at: &s.TLS.Minimum} }},
	{"evaluate.timeout", "TABPY_EVALUATE_TIMEOUT", "TABCELL_EVALUATE_TIMEOUT", "timeout", "seconds that a script may take, waiting included", "",
		func(s *Settings) value { return seconds{&s.Evaluate.Timeout} }},
	{"evaluate.enable", "TABPY_EVALUATE_ENABLE", "TABCELL_EVALUATE_ENABLE", "", "false refuses scripts sent to /evaluate", "",
		func(s *Settings) value { return boolean{&s.Evaluate.Enable} }},
	{"request.max", "TABPY_MAX_REQUEST_SIZE_MB", "TABCELL_MAX_REQUEST_SIZE_MB", "", "MiB that a request's body may have, inflated", "",
		func(s *Settings) value { return integer{&s.Request.MaxMB, 1, 2048} }},
	{"request.gzip", "TABPY_GZIP_ENABLE", "TABCELL_GZIP_ENABLE", "", "accept request bodies packed with gzip", "",
		func(s *Settings) value { return boolean{&s.Request.Gzip} }},
	{"static.path", "TABPY_STATIC_PATH", "TABCELL_STATIC_PATH", "", "folder whose files are served at /", "a built-in page",
		func(s *Settings) value { return path{&s.Static.Path} }},
	{"models.path", "", "TABCELL_MODELS_PATH", "", "private folder that keeps deployed endpoints", "tabcell-models in TABPY_STATE_PATH, or a folder of the user's",
		func(s *Settings) value { return path{&s.Models.Path} }},
	{"models.size", "", "TABCELL_MODELS_MAX_MB", "", "MiB that one deployed model may have", "",
		func(s *Settings) value { return integer{&s.Models.MaxMB, 1, 2048} }},
	{"models.count", "", "TABCELL_MODELS_MAX_COUNT", "", "endpoints that may be deployed", "",
		func(s *Settings) value { return integer{&s.Models.MaxCount, 0, 100_000} }},
	{"models.versions", "", "TABCELL_MODELS_KEEP_VERSIONS", "", "versions of an endpoint that are kept, for going back", "",
		func(s *Settings) value { return integer{&s.Models.KeepVersions, 1, 1000} }},
	{"models.templates", "", "TABCELL_MODELS_TEMPLATES_MB", "", "MiB for interpreters that have their model loaded already", "",
		func(s *Settings) value { return integer{&s.Models.TemplatesMB, 0, 1 << 20} }},
	{"state.path", "TABPY_STATE_PATH", "TABCELL_STATE_PATH", "", "folder of TabPy's state.ini, read for the service's name and CORS headers", "none",
		func(s *Settings) value { return path{&s.State.Path} }},
	{"cells.guest", "", "TABCELL_GUEST", "guest", "core (numpy, pandas), full (and scipy, scikit-learn), or auto: what each script needs", "",
		func(s *Settings) value { return text{at: &s.Cells.Guest, choices: guests} }},
	{"cells.packages", "", "TABCELL_PACKAGES", "packages", "folder of pure-Python wheels that scripts can import besides", "none",
		func(s *Settings) value { return path{&s.Cells.Packages} }},
	{"cells.memory", "", "TABCELL_MEMORY_LIMIT_MB", "memory", "MiB that a script may use, the interpreter included", "",
		func(s *Settings) value { return integer{&s.Cells.MemoryMB, 128, 4095} }},
	{"cells.output", "", "TABCELL_OUTPUT_LIMIT_MB", "", "MiB that an answer may have", "",
		func(s *Settings) value { return integer{&s.Cells.OutputMB, 1, 2048} }},
	{"cells.concurrency", "", "TABCELL_CONCURRENCY", "concurrency", "scripts that run at once", "number of cores",
		func(s *Settings) value { return integer{&s.Cells.Concurrency, 1, 1024} }},
	{"cells.queue", "", "TABCELL_QUEUE", "", "scripts that may wait for their turn; more are answered with 503", "",
		func(s *Settings) value { return integer{&s.Cells.Queue, 1, 100_000} }},
	{"cells.cache", "", "TABCELL_CACHE_DIR", "cache-dir", "private folder for compiled code", "tabcell in the user's cache folder",
		func(s *Settings) value { return path{&s.Cells.CacheDir} }},
	{"cells.code", "", "TABCELL_CODE_DIR", "", "folder of compiled code made by tabcell warm --into", "tabcell-code beside the program, if it is there",
		func(s *Settings) value { return path{&s.Cells.CodeDir} }},
	{"cells.interpreter", "", "TABCELL_ALLOW_INTERPRETER", "", "run, very slowly, where executable memory is forbidden", "",
		func(s *Settings) value { return boolean{&s.Cells.AllowInterpreter} }},
	{"cells.verify", "", "TABCELL_VERIFY_CELLS", "", "compare each cell with the image after use, for diagnosis; slow", "",
		func(s *Settings) value { return boolean{&s.Cells.Verify} }},
	{"log.level", "", "TABCELL_LOG_LEVEL", "log-level", "trace, debug, info, warn or error", "",
		func(s *Settings) value { return text{at: &s.Log.Level, choices: logLevels} }},
	{"log.format", "", "TABCELL_LOG_FORMAT", "log-format", "text, json, or auto: text on a terminal and under the name tabpy, json elsewhere", "",
		func(s *Settings) value { return text{at: &s.Log.Format, choices: logFormats} }},
	{"log.scripts", "", "TABCELL_LOG_SCRIPTS", "", "log the text of every script, at level debug, and what its exceptions say", "",
		func(s *Settings) value { return boolean{&s.Log.Scripts} }},
	{"log.details", "TABPY_LOG_DETAILS", "TABCELL_LOG_DETAILS", "", "log who called what, once a request", "",
		func(s *Settings) value { return unlessFalse{&s.Log.Details} }},
	{"metrics.enable", "", "TABCELL_METRICS", "", "answer GET /metrics, for Prometheus, to whoever may see /status", "",
		func(s *Settings) value { return boolean{&s.Metrics.Enable} }},
}

// renamed is a name that a setting had in an earlier version. It is accepted with a warning that
// gives the present name, and no help or example shows it.
type renamed struct {
	own  string
	flag string // without dashes, or ""
}

// formerNames has the names of renamed settings, by path.
var formerNames = map[string]renamed{
	"cells.concurrency": {own: "TABCELL_PLACES", flag: "places"},
}

var (
	protocols  = []string{"http", "https"}
	guests     = []string{"auto", "core", "full"}
	logLevels  = []string{"trace", "debug", "info", "warn", "error"}
	logFormats = []string{"auto", "text", "json"}
)

// names are the setting's names from the weaker to the stronger.
func (s setting) names() []string {
	if s.tabpy == "" {
		return []string{s.own}
	}
	return []string{s.tabpy, s.own}
}

// The names of a setting in a file or in the environment, and its flags, from the weakest to the
// strongest: where one layer has several of them, the last one wins. A name is "" if the setting
// does not have one of that kind.
var (
	nameKinds = []func(setting) string{
		func(s setting) string { return s.tabpy },
		func(s setting) string { return formerNames[s.path].own },
		func(s setting) string { return s.own },
	}
	flagKinds = []func(setting) string{
		func(s setting) string { return formerNames[s.path].flag },
		func(s setting) string { return s.flag },
	}
)

// presentName returns the name that replaces a former name of the setting, and "" if name is not
// a former name.
func (s setting) presentName(name string) string {
	switch former := formerNames[s.path]; {
	case former.own != "" && strings.EqualFold(name, former.own):
		return s.own
	case former.flag != "" && name == dashed(former.flag):
		return dashed(s.flag)
	}
	return ""
}

// byName finds a setting by one of its names in any case.
func byName(name string) (setting, bool) {
	return find(func(s setting) bool {
		return slices.ContainsFunc(nameKinds, func(kind func(setting) string) bool {
			return name != "" && strings.EqualFold(name, kind(s))
		})
	})
}

func byPath(path string) (setting, bool) {
	return find(func(s setting) bool { return s.path == path })
}

// textAt is the setting's value as text.
func textAt(s *Settings, path string) string {
	line, _ := byPath(path)
	return line.value(s).String()
}

// joinNames gives settings the names that TabPy knows them by, where it does.
func joinNames(paths []string, between string) string {
	names := make([]string, len(paths))
	for i, path := range paths {
		s, _ := byPath(path)
		names[i] = s.names()[0]
	}
	return strings.Join(names, between)
}

func find(is func(setting) bool) (setting, bool) {
	for _, s := range table {
		if is(s) {
			return s, true
		}
	}
	return setting{}, false
}
