package httpapi

import (
	"math"
	"strconv"
	"strings"
	"time"

	"tabcell/runtime"
	"tabcell/runtime/registry"
)

// Config configures an API. Start from DefaultConfig, because two of the switches are on by
// default. New replaces zero values by the defaults given here.
type Config struct {
	Service      Service
	CORS         CORS
	Subdirectory string // path prefix of all routes, such as "sub/dir"; "" for none
	Version      string // server_version in /info; default "2.16.0", since clients compare it with TabPy's
	StatePath    string // state directory in /info; default "/tabcell", which hides the real path
	Protocol     string // "http" or "https", as scripts see it; default "http"
	Port         string // as scripts see it; default "9004"

	// AllowedHosts lists the host names of this server. Requests for other hosts are refused. If
	// it is empty, every host is allowed. See hostAllowed.
	AllowedHosts []string

	// TrustedProxies lists addresses and networks in CIDR notation. Their X-Forwarded-For and
	// Forwarded headers are trusted, so each proxy must set one of the two. X-Forwarded-Proto,
	// -Host and -Prefix are trusted as well, so each proxy must set or remove them. Default:
	// none.
	TrustedProxies []string

	// MaxConnections and MaxConnectionsPerAddress limit the open connections; see
	// LimitConnections. Defaults: DefaultMaxConnections, and a quarter of MaxConnections.
	MaxConnections, MaxConnectionsPerAddress int

	// StaticPath is a folder whose files are served to every client. If it is empty, a landing
	// page is served at / and /index.html.
	StaticPath string

	// Staging is the folder in which TabPy's client stores archives before it deploys them.
	// Archives outside this folder are never read. If it is empty, models can be deployed only
	// with their code in the request.
	Staging string

	// MaxModelBytes limits the size of a staged archive. Default: registry.DefaultMaxBytes.
	MaxModelBytes int64

	// MaxRequestBytes limits the size of a request body, before and after decompression. Default:
	// DefaultMaxRequestBytes.
	MaxRequestBytes int64

	// MaxBufferedBytes limits the total size of the bodies and responses of all requests. Beyond
	// it, or beyond the share of its owner, a request gets 503 with Retry-After; see budget.go.
	// The limit may be exceeded by one response for each running cell, which is then dropped.
	// Default: eight times MaxRequestBytes, but at least twice OutputLimit.
	MaxBufferedBytes int64

	// Arrow enables the Flight service, whose tables /evaluate can use; see API.NewFlightCall.
	Arrow bool
	// MaxTablesBytes limits the memory of all tables, which is part of MaxBufferedBytes. One client
	// can use two thirds of it. Default: half of MaxBufferedBytes.
	MaxTablesBytes int64
	// MaxTableBytes limits the size of one table. Default: OutputLimit, but at most two thirds of
	// MaxTablesBytes.
	MaxTableBytes int64
	// TableLifetime is the time after which a table that has not been taken is dropped. Default:
	// DefaultTableLifetime.
	TableLifetime time.Duration

	// AnonymousRoles are the roles of all clients while authentication is off. Default:
	// DefaultRoles. RoleNone alone grants none.
	AnonymousRoles Roles

	GzipRequests    bool // decompress bodies with Content-Encoding gzip; otherwise pass them on unchanged
	EvaluateEnabled bool // serve POST /evaluate; otherwise it returns 404
	LogScript       bool // log the beginning of /evaluate bodies, at debug level, and the texts of exceptions
	LogDetails      bool // log the caller of each request
	Metrics         bool // serve GET /metrics
	Console         bool // serve the console at /console
	Build           BuildInfo
	Program         string // version of the program, for the archives that it makes; default "unknown"

	// Concurrency is the number of cells that run at the same time, and Queue that of the scripts
	// that may wait, for the console and the metrics.
	Concurrency, Queue int

	// GrantConnections is the number of connections that scripts with a grant may have open together,
	// for the metrics.
	GrantConnections int

	// These figures are for the metrics only. CertificateExpiry returns the end of the validity
	// of the server's certificate, and is nil without one.
	AvailableMemory   uint64 // of the host or the control group, in bytes; 0 if it is unknown
	CertificateExpiry func() time.Time

	// ResidentMemory returns the resident memory of the process in bytes, for the console, or 0 if it
	// is unknown. It may be nil.
	ResidentMemory func() uint64

	// Weights has the weights of accounts, by name, and of addresses, for runtime.Owner. IPv6
	// addresses are written as a network of 64 bits. Those that are missing have the weight 1.
	Weights map[string]int

	// Timeout is the evaluator's time limit, for the message of a timeout. Default: 30 s, as in
	// TabPy.
	Timeout time.Duration
	// TimeoutText is Timeout in seconds, as the message shows it. Default: Python's
	// representation, such as "30" or "1.5".
	TimeoutText string
	MemoryLimit uint64 // the evaluator's limit in bytes, for messages; default runtime.DefaultMemory
	OutputLimit uint64 // the evaluator's limit in bytes, for messages; default runtime.DefaultOutput
}

// Service describes the server in /info, as [Service Info] in TabPy's state.ini does.
type Service struct {
	Name         string // default "TabPy Server"
	Description  string
	CreationTime string // Unix time in seconds, as text; default "0"
}

// BuildInfo describes the program in the metrics.
type BuildInfo struct{ Version, Revision, Python string }

// CORS holds the values of the Access-Control-Allow-* headers. They are sent unchanged; empty
// values are left out. Origin is also the only other origin whose web pages may use unsafe
// methods, or "*" for all.
type CORS struct{ Origin, Headers, Methods string }

// DefaultMaxConnections fits systems that allow the usual 8192 or more open files.
const DefaultMaxConnections = 4096

// DefaultMaxRequestBytes is TabPy's default of 100 MiB.
const DefaultMaxRequestBytes = 100 << 20

// DefaultTableLifetime is the default of Config.TableLifetime.
const DefaultTableLifetime = 10 * time.Minute

// DefaultConfig returns TabPy's default configuration.
func DefaultConfig() Config {
	return Config{GzipRequests: true, EvaluateEnabled: true}
}

// defaultTimeoutText has no decimal point, because TabPy's default is an int. Configured values
// are floats, and TabPy's message shows the difference.
const defaultTimeoutText = "30"

// WithDefaults returns c with the defaults in place of zero values. New calls it.
func (c Config) WithDefaults() Config {
	setDefault(&c.Service.Name, "TabPy Server")
	setDefault(&c.Service.CreationTime, "0")
	setDefault(&c.Version, "2.16.0")
	setDefault(&c.StatePath, "/tabcell")
	setDefault(&c.Protocol, "http")
	setDefault(&c.Port, "9004")
	setDefault(&c.AnonymousRoles, DefaultRoles)
	setDefault(&c.MaxModelBytes, registry.DefaultMaxBytes)
	setDefault(&c.MaxRequestBytes, DefaultMaxRequestBytes)
	setDefault(&c.MaxConnections, DefaultMaxConnections)
	setDefault(&c.MaxConnectionsPerAddress, max(1, c.MaxConnections/4))
	setDefault(&c.MemoryLimit, runtime.DefaultMemory)
	setDefault(&c.OutputLimit, runtime.DefaultOutput)
	setDefault(&c.MaxBufferedBytes, max(8*c.MaxRequestBytes, 2*int64(c.OutputLimit)))
	setDefault(&c.MaxTablesBytes, c.MaxBufferedBytes/2)
	setDefault(&c.MaxTableBytes, min(int64(c.OutputLimit), c.MaxTablesBytes*2/3))
	setDefault(&c.TableLifetime, DefaultTableLifetime)
	if c.Timeout == 0 {
		setDefault(&c.TimeoutText, defaultTimeoutText)
	} else {
		setDefault(&c.TimeoutText, pythonFloat(c.Timeout.Seconds()))
	}
	setDefault(&c.Timeout, runtime.DefaultTimeout)
	return c
}

// setDefault sets a field to value if it is zero.
func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// pythonFloat returns Python's repr(f): the shortest digits that represent f, with an exponent
// below 1e-4 and from 1e16 on.
func pythonFloat(f float64) string {
	a := math.Abs(f)
	if a != 0 && (a < 1e-4 || a >= 1e16) {
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.ContainsAny(s, ".IN") { // Inf and NaN are left unchanged; a duration cannot produce them
		s += ".0"
	}
	return s
}
