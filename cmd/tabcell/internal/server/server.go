// Package server puts the parts of the server together: the listener, the engine with its guests,
// authentication, deployed endpoints and the HTTP API; and runs them until a signal comes.
package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"strconv"
	"syscall"
	"time"

	"tabcell/cmd/tabcell/internal/buildinfo"
	"tabcell/cmd/tabcell/internal/certs"
	"tabcell/httpapi"
	"tabcell/runtime"
	"tabcell/runtime/registry"
	"tabcell/settings"

	"github.com/rs/zerolog"
)

// stopTime bounds a graceful stop, whatever a script may take: systemd kills after 90 s.
const stopTime = 80 * time.Second

// ErrInterrupted is the error of a server that a second signal stopped.
var ErrInterrupted = errors.New("interrupted")

// service is a running server.
type service struct {
	settings settings.Settings
	log      zerolog.Logger
	listener net.Listener
	engine   *runtime.PendingEngine
	auth     *authenticator // nil: there is no authentication
	http     *http.Server
	api      *httpapi.API
	registry *registry.Registry // nil: nothing can be deployed
	start    StartFunc
}

// Options are what a server needs besides its settings.
type Options struct {
	File    string // the configuration file; "" if there is none
	Loaded  *settings.Loaded
	Log     zerolog.Logger
	Start   StartFunc
	Signals <-chan os.Signal // the first stops the server gracefully, the second at once
}

// Run runs the server until a signal comes or something breaks. It returns nil after a graceful
// stop.
func Run(o Options) error {
	s := &service{settings: o.Loaded.Settings, log: o.Log, start: o.Start}
	logSettings(&s.log, o.File, o.Loaded)
	s.log.Info().Msg("Initializing TabPy...")
	var err error
	if s.auth, err = openAuthenticator(s.settings, &s.log); err != nil {
		return err
	}
	defer s.auth.Close()
	defer s.closeModels()
	if err := s.open(o.Loaded); err != nil {
		return err
	}
	return s.run(o.Signals)
}

// open takes the port first, so that a port in use is known before anything is compiled, and health
// checks are answered meanwhile.
func (s *service) open(loaded *settings.Loaded) error {
	secrets, err := certs.ServerConfig(s.settings.TLS, s.log)
	if err != nil {
		return err
	}
	if s.listener, err = Listen(s.settings.Server); err != nil {
		return err
	}
	s.log.Info().Msg("Initializing TabPy Server...")
	s.engine = runtime.NewPendingEngine(s.settings.Cells.Queue, s.settings.Evaluate.Timeout.Duration())
	cfg := apiConfig(loaded, s.listener.Addr())
	if s.registry, err = openModels(loaded, &s.log); err != nil {
		return errors.Join(err, s.listener.Close())
	}
	hintAtImport(s.settings, s.registry, &s.log)
	deps := withModels(httpapi.Deps{Evaluator: s.engine, Readiness: s.engine, Stats: s.engine}, s.registry, s.engine)
	if s.auth != nil { // a nil *gate in an interface would not be nil
		deps.Authenticator = s.auth
	}
	if s.api, err = httpapi.New(cfg, deps); err != nil {
		return errors.Join(err, s.listener.Close())
	}
	s.http = httpapi.NewServer(s.log.WithContext(context.Background()), s.listener.Addr().String(), s.api, cfg)
	s.http.TLSConfig = secrets
	s.log.Info().Msg("Done initializing TabPy.")
	s.log.Info().Msg("Initializing models...")
	return nil
}

func apiConfig(loaded *settings.Loaded, addr net.Addr) httpapi.Config {
	s, named := loaded.Settings, loaded.Service
	cfg := httpapi.DefaultConfig()
	cfg.Service = httpapi.Service{Name: named.Name, Description: named.Description, CreationTime: named.CreationTime}
	cfg.CORS = httpapi.CORS{Origin: named.AllowOrigin, Headers: named.AllowHeaders, Methods: named.AllowMethods}
	cfg.Subdirectory = named.Subdirectory
	cfg.Protocol = s.TLS.Protocol
	cfg.Port = strconv.Itoa(portOf(addr))
	cfg.AllowedHosts = hostNames(s.Server)
	cfg.TrustedProxies = settings.SplitList(s.Server.TrustedProxies)
	cfg.StaticPath = s.Static.Path
	cfg.Staging = stagingFolder(s)
	cfg.MaxModelBytes = int64(s.Models.MaxMB) << 20
	cfg.MaxRequestBytes = maxRequest(s)
	cfg.MaxBufferedBytes = 0 // from MaxRequestBytes
	cfg.GzipRequests = s.Request.Gzip
	cfg.EvaluateEnabled = s.Evaluate.Enable
	cfg.LogScript = s.Log.Scripts
	cfg.LogDetails = s.Log.Details
	cfg.Metrics = s.Metrics.Enable
	if cfg.Metrics {
		v := buildinfo.Current()
		cfg.Build = httpapi.BuildInfo{Version: v.Version, Revision: v.Revision, Python: v.Python}
	}
	cfg.Timeout = s.Evaluate.Timeout.Duration()
	cfg.TimeoutText = s.Evaluate.Timeout.String()
	cfg.MemoryLimit = uint64(s.Cells.MemoryMB) << 20
	cfg.OutputLimit = uint64(s.Cells.OutputMB) << 20
	return cfg
}

func maxRequest(s settings.Settings) int64 { return int64(s.Request.MaxMB) << 20 }

func portOf(addr net.Addr) int {
	if tcp, ok := addr.(*net.TCPAddr); ok {
		return tcp.Port
	}
	return 0
}

// run serves and starts the engine beside it. It returns nil after a graceful stop.
func (s *service) run(signals <-chan os.Signal) error {
	ballast = make([]byte, 128<<20)
	broken := make(chan error, 2)
	ctx, cancel := context.WithCancel(s.log.WithContext(context.Background()))
	defer cancel()
	go s.auth.watch(ctx)
	// Serve, and not ListenAndServe: the port is ours already.
	go func() { broken <- httpapi.Serve(s.http, s.listener) }()
	go func() {
		engine, err := s.engine.Start(func() (runtime.Evaluator, error) { return s.start(ctx, s.settings, logProgress(&s.log)) })
		if err != nil {
			broken <- fmt.Errorf("the Python guest cannot be started: %w", err)
			return
		}
		s.log.Info().Msg("ready: scripts can run")
		spareMemory()
		loadBehind(ctx, s.settings, engine)
		s.api.LoadModels(ctx)
	}()
	s.announce()
	select {
	case err := <-broken:
		return errors.Join(err, s.http.Close(), s.engine.Close())
	case sig := <-signals:
		s.log.Info().Msgf("Exiting on signal %s...", signalText(sig))
		cancel() // nobody waits for a guest that is still being compiled
		return s.stop(signals)
	}
}

// ballast is never touched, so that it takes no memory; the collector counts it, and does not come
// for a few megabytes of garbage.
var ballast []byte

// spareMemory lets garbage be a tenth of what is in use, in place of as much again: nearly all of
// that are bodies and answers, megabytes each, which cost nothing to look at. GOGC in the
// environment wins.
func spareMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(10)
	}
}

// announce says where the service is, in TabPy's sentence, and what to enter in Tableau.
func (s *service) announce() {
	port := portOf(s.listener.Addr())
	s.log.Info().Msgf("Web service listening on port %d", port)
	s.log.Info().Str("host", tableauHost(s.settings.Server.ListenHost())).Int("port", port).
		Bool("require SSL", s.settings.TLS.Protocol == "https").
		Msg("in Tableau: Help > Settings and Performance > Manage Analytics Extension Connection > TabPy, with this host and port")
}

// tableauHost is the name by which Tableau reaches a server that listens on that address.
func tableauHost(listens string) string {
	ip := net.ParseIP(listens)
	switch {
	case ip.IsLoopback():
		return "localhost"
	case ip.IsUnspecified():
		if name, err := os.Hostname(); err == nil {
			return name
		}
	}
	return listens
}

// signalText is the signal's number, as TabPy prints it.
func signalText(sig os.Signal) string {
	if number, ok := sig.(syscall.Signal); ok {
		return strconv.Itoa(int(number))
	}
	return sig.String()
}

// stop closes the doors in reverse order: no new requests, those that run are finished, then the
// engine. A second signal ends at once.
func (s *service) stop(signals <-chan os.Signal) error {
	s.log.Info().Msg("Shutting down TabPy...")
	patience := min(s.settings.Evaluate.Timeout.Duration()+time.Second, stopTime)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	finished := make(chan error, 1)
	go func() { finished <- s.finish(ctx) }()
	select {
	case err := <-finished:
		return err
	case <-signals:
		return errors.Join(ErrInterrupted, s.http.Close())
	}
}

func (s *service) finish(ctx context.Context) error {
	if s.engine.Ready() != nil { // nobody can finish what has not begun
		if err := s.engine.Close(); err != nil {
			return err
		}
	}
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = errors.Join(fmt.Errorf("requests were cut off: %w", err), s.http.Close())
	}
	return errors.Join(err, s.engine.Close())
}
