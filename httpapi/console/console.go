package console

import (
	"crypto/rand"
	"encoding/base64"
	"time"

	"tabcell/httpapi/console/session"
	"tabcell/runtime"
)

// Config configures a console.
type Config struct {
	Version         string // of the program
	Port            string // of the server; a part of the cookie's name
	ScriptLogging   bool   // texts of scripts and exceptions may be shown
	EvaluateEnabled bool   // scripts may run
	MaxRequestBytes int64  // of the server's API
	MaxModelBytes   int64
	MemoryLimit     uint64        // of a script, in bytes
	OutputLimit     uint64        // of a script's answer, in bytes
	Timeout         time.Duration // of a script
	Concurrency     int           // cells of the server
	Queue           int           // scripts that may wait for a cell
}

// Console is the console of one server.
type Console struct {
	cfg      Config
	deps     Deps
	routes   []route
	front    frontEnd
	document file
	sessions *session.Store
	share    *runtime.Share // of the cells
	// openToken is the CSRF token of requests without a session.
	openToken string
}

// New returns a console.
func New(cfg Config, deps Deps) (*Console, error) { return newConsole(cfg, deps, time.Now) }

func newConsole(cfg Config, deps Deps, now clock) (*Console, error) {
	front, err := readFrontEnd()
	if err != nil {
		return nil, err
	}
	var token [32]byte
	_, _ = rand.Read(token[:]) // never fails
	c := &Console{
		cfg: cfg, deps: deps, front: front, document: newFile(openAPIDocument, contentTypes[".json"]),
		sessions: session.NewStore(now), openToken: base64.RawURLEncoding.EncodeToString(token[:]),
	}
	c.share = runtime.NewShare(c.sharePermits(), shareQueue)
	c.routes = c.table()
	return c, nil
}
