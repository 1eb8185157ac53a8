// Package server assembles and runs the server: the listener, the engine with its guests, the
// authentication, the deployed endpoints and the HTTP API.
package server

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	goruntime "runtime"
	"sync/atomic"

	"tabcell/cmd/tabcell/internal/audit"
	"tabcell/cmd/tabcell/internal/certs"
	"tabcell/cmd/tabcell/internal/confine"
	"tabcell/cmd/tabcell/internal/grants"
	svc "tabcell/cmd/tabcell/internal/service"
	"tabcell/httpapi"
	"tabcell/runtime"
	"tabcell/runtime/registry"
	"tabcell/settings"

	"github.com/rs/zerolog"
)

// service is a running server.
type service struct {
	settings settings.Settings
	loaded   *settings.Loaded                // the configuration, with the changes that reloads have made
	inForce  atomic.Pointer[settings.Loaded] // loaded, for other goroutines than that of reloads
	guests   guestStates
	log      zerolog.Logger
	listener net.Listener
	engine   *runtime.PendingEngine
	tls      *certs.Server  // nil if the server uses plain HTTP
	auth     *authenticator // nil if authentication is disabled
	http     *http.Server
	flight   *flightService // nil if Arrow Flight is disabled
	api      *httpapi.API
	registry *registry.Registry // nil if no endpoints can be deployed
	node     *node              // nil on a single server
	draining atomic.Bool        // load balancers are to use other nodes
	start    StartFunc
	audit    *audit.Trail // nil if there is no audit trail
	wall     *confine.Wall
	grants   grants.Live
	manager  svc.Notifier
	keys     *keyProcess // nil if this process fetches key sets

	progress      func(runtime.Progress) // see Options
	progressShown bool
}

// Options configures Run.
type Options struct {
	File    string // the configuration file; "" if there is none
	Loaded  *settings.Loaded
	Log     zerolog.Logger
	Stdout  io.Writer // for an audit trail on standard output
	Start   StartFunc
	Signals <-chan os.Signal // the first signal stops the server gracefully, the second at once
	Reload  ReloadOptions
	// Service is told about the state of the server. It must not be nil.
	Service svc.Notifier
	// Progress, if not nil, is called with the progress of starts. ProgressShown states that it shows
	// the progress where the log is shown, so that the log does not repeat it.
	Progress      func(runtime.Progress)
	ProgressShown bool
	// Confine confines the process, as far as the settings ask for it. Rights that are given up
	// never come back, so that tests which run a server in their own process do not set it.
	Confine bool
}

// Run runs the server until a signal arrives or a part of the server fails. It returns nil after a
// graceful stop, and ErrInterrupted after a second signal.
func Run(o Options) (err error) {
	ballast := newBallast() // first, while the heap has little garbage
	defer goruntime.KeepAlive(ballast)
	s := &service{
		settings: o.Loaded.Settings, loaded: o.Loaded, log: o.Log, start: o.Start, manager: o.Service,
		progress: o.Progress, progressShown: o.ProgressShown,
	}
	s.inForce.Store(o.Loaded)
	if !o.Confine {
		s.settings.Process.Confine = confine.Off
	}
	if s.settings.Process.Confine != confine.Off {
		go loadLazyFiles() // which confine waits for
	}
	logSettings(&s.log, o.File, o.Loaded)
	s.log.Info().Msg("Initializing TabPy...")
	if err := s.openAudit(o.Stdout); err != nil {
		return err
	}
	defer func() { s.closeAudit(err) }()
	if s.tls, err = certs.Open(s.settings.TLS, s.log); err != nil {
		return err
	}
	if s.keys, err = startKeyProcess(s.settings); err != nil {
		return err
	}
	defer func() { _ = s.keys.Close() }() // nothing depends on how it ends
	if s.auth, err = openAuthenticator(s.settings, s.tls, s.keys, &s.log); err != nil {
		return err
	}
	defer s.auth.Close()
	defer s.closeModels()
	defer s.closeNode()
	if err := s.open(o.Loaded); err != nil {
		return err
	}
	if err := s.confine(o.File, o.Loaded); err != nil {
		return errors.Join(err, s.listener.Close(), s.flight.close())
	}
	return s.run(o.Signals, o.Reload)
}

// open prepares everything except the engine. It listens first, so that a port in use is reported
// before a guest is compiled, and the server can answer health checks in the meantime.
func (s *service) open(loaded *settings.Loaded) error {
	var err error
	if s.listener, err = Listen(s.settings.Server); err != nil {
		return err
	}
	if err := s.openGrants(loaded); err != nil {
		return errors.Join(err, s.listener.Close())
	}
	s.log.Info().Msg("Initializing TabPy Server...")
	s.engine = runtime.NewPendingEngine(s.settings.Cells.Queue, s.settings.Evaluate.Timeout.Duration())
	cfg := apiConfig(loaded, s.listener.Addr())
	if s.tls != nil {
		cfg.CertificateExpiry = s.tls.Expiry
	}
	if warning := cfg.CORS.Warning(); warning != "" {
		s.log.Warn().Msg(warning)
	}
	if err = joinCluster(context.Background(), s.settings, &s.log); err == nil {
		if s.audit != nil { // it may have become a node just now
			s.audit.SetNode(nodeName(s.settings.Cluster))
		}
		s.registry, err = openModels(loaded, &s.log)
	}
	if err == nil {
		err = s.openNode()
	}
	if err != nil {
		return errors.Join(err, s.listener.Close())
	}
	s.announceServer(loaded)
	suggestImport(s.settings, s.registry, &s.log)
	deps := httpapi.Deps{Evaluator: s.engine, Readiness: s.engine, Stats: s.engine, Confinement: s, Grants: &s.grants}
	deps = s.withConsole(s.withAudit(s.withNode(withModels(deps, s.registry, s.engine))))
	if s.auth != nil { // an interface with a nil *authenticator would not be nil
		deps.Authenticator = s.auth
	}
	if s.api, err = httpapi.New(cfg, deps); err != nil {
		return errors.Join(err, s.listener.Close())
	}
	ctx := s.log.WithContext(context.Background())
	s.http = httpapi.NewServer(ctx, s.listener.Addr().String(), s.api, cfg)
	s.http.TLSConfig = s.tls.Config()
	s.listener = s.api.LimitConnections(ctx, s.http, s.listener)
	if s.flight, err = s.openFlight(ctx); err != nil {
		return errors.Join(err, s.listener.Close())
	}
	s.log.Info().Msg("Done initializing TabPy.")
	s.log.Info().Msg("Initializing models...")
	return nil
}
