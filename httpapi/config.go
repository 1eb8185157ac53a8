package httpapi

import (
	"math"
	"strconv"
	"strings"
	"time"

	"tabcell/runtime"
	"tabcell/runtime/registry"
)

// Config is what the wire needs to know. Start from DefaultConfig: two of the switches are on by default. Fields that say nothing get
// their defaults in New, which depend on each other.
type Config struct {
	Service      Service
	CORS         CORS
	Subdirectory string   // prefix of all routes, such as "sub/dir"; "" is none
	Version      string   // what /info calls server_version. Default "2.16.0": clients compare it with TabPy's
	StatePath    string   // what clients are told of the state directory. Default "/tabcell": the real path is nobody's business
	Protocol     string   // "http" or "https", shown to scripts
	Port         string   // as text, shown to scripts
	AllowedHosts []string // names that this server goes by; requests for others are refused. Default: any (host.go)
	// TrustedProxies are addresses and networks in CIDR form whose X-Forwarded-For or Forwarded header is believed. Each of them must
	// write one of the two. Default: none
	TrustedProxies []string
	// StaticPath is a folder whose files are served to everybody. Default: none, and a page for people at / and /index.html
	StaticPath string

	// Staging is the folder into which TabPy's client writes archives before it deploys them; no file outside it is ever read for that.
	// Default: none, and models come in requests only.
	Staging string
	// ModelBytes bounds what is read from there. Default registry.DefaultMaxBytes.
	MaxModelBytes int64

	// MaxRequestBytes bounds a request body, as sent and as inflated. Default 100 MiB.
	MaxRequestBytes int64
	// HeldBytes bounds the bodies and answers of all requests together; beyond it requests are told to come back later.
	// Default: eight times MaxRequestBytes, at least 256 MiB. One answer for each running cell may come on top.
	MaxBufferedBytes int64
	GzipRequests     bool // inflate bodies with Content-Encoding gzip; otherwise they are handed on as they are
	EvaluateEnabled  bool // answer POST /evaluate; otherwise it is 404
	LogScript        bool // log the bodies of /evaluate (at debug level, bounded) and the texts of exceptions
	LogDetails       bool // log who calls what, once a request
	Metrics          bool // answer GET /metrics
	Build            BuildInfo

	// Timeout is the evaluator's time limit, for the answer of scripts that exceed it. 0 is TabPy's default, 30 s.
	Timeout time.Duration
	// TimeoutText is Timeout as the answer shows it, without the unit. Default: as Python prints it, "30" or "1.5".
	TimeoutText string
	MemoryLimit uint64 // the evaluator's, bytes, named in errors. Default runtime.DefaultMemory
	OutputLimit uint64 // likewise. Default runtime.DefaultOutput
}

// Service is what /info says about this server, as state.ini's [Service Info] does.
type Service struct {
	Name         string // default "TabPy Server"
	Description  string
	CreationTime string // seconds since 1970 as text; default "0"
}

// Build is what the metrics say about this program.
type BuildInfo struct{ Version, Revision, Python string }

// CORS are the Access-Control-Allow-* headers, copied to answers as they are; empty ones are left out. Default: none.
type CORS struct{ Origin, Headers, Methods string }

// DefaultConfig is TabPy's configuration when nothing is configured.
func DefaultConfig() Config {
	return Config{GzipRequests: true, EvaluateEnabled: true}
}

// defaultTimeoutText: TabPy's default is an int, configured values are floats, and its sentence shows which.
const defaultTimeoutText = "30"

func (c Config) withDefaults() Config {
	setDefault(&c.Service.Name, "TabPy Server")
	setDefault(&c.Service.CreationTime, "0")
	setDefault(&c.Version, "2.16.0")
	setDefault(&c.StatePath, "/tabcell")
	setDefault(&c.Protocol, "http")
	setDefault(&c.Port, "9004")
	setDefault(&c.MaxModelBytes, registry.DefaultMaxBytes)
	setDefault(&c.MaxRequestBytes, 100<<20)
	setDefault(&c.MaxBufferedBytes, max(8*c.MaxRequestBytes, 256<<20))
	setDefault(&c.MemoryLimit, runtime.DefaultMemory)
	setDefault(&c.OutputLimit, runtime.DefaultOutput)
	if c.Timeout == 0 {
		setDefault(&c.TimeoutText, defaultTimeoutText)
	} else {
		setDefault(&c.TimeoutText, pythonFloat(c.Timeout.Seconds()))
	}
	setDefault(&c.Timeout, runtime.DefaultTimeout)
	return c
}

// fill puts a default into a field that says nothing.
func setDefault[T comparable](field *T, value T) {
	var nothing T
	if *field == nothing {
		*field = value
	}
}

// pythonFloat is repr(f) of Python: the shortest digits that give f back, with an exponent below 1e-4 and from 1e16 on.
func pythonFloat(f float64) string {
	a := math.Abs(f)
	if a != 0 && (a < 1e-4 || a >= 1e16) {
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.ContainsAny(s, ".IN") { // Inf and NaN cannot come from a duration, but would be left alone
		s += ".0"
	}
	return s
}
