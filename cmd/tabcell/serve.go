package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"tabcell/httpapi"
	"tabcell/settings"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"
)

// stopTime bounds a graceful stop, whatever a script may take: systemd kills after 90 s.
const stopTime = 80 * time.Second

func (f *front) serveCommand(name string) *cobra.Command {
	src := settings.Sources{Environ: f.environ}
	cmd := &cobra.Command{
		Use:   name,
		Short: "Answer Tableau's requests until stopped (the default)",
		Long:  "Answer Tableau's requests until SIGINT or SIGTERM; what runs then is finished. A second signal ends at once." + settingsHelp(),
		Args:  cobra.NoArgs,
		RunE:  func(*cobra.Command, []string) error { return f.serve(src) },
	}
	cmd.Flags().StringVar(&src.File, "config", "", "configuration `file`, as TabPy reads it")
	settings.AddFlags(cmd.Flags(), "host", "port", "timeout", "memory", "places", "cache-dir", "log-level", "log-format")
	src.Flags = cmd.Flags()
	return cmd
}

func settingsHelp() string {
	var b strings.Builder
	b.WriteString("\n\nSettings, in the section [TabPy] of the file or in the environment, which wins; a flag wins over both:\n")
	settings.Help(&b)
	return b.String()
}

// service is a running server.
type service struct {
	settings settings.Settings
	log      zerolog.Logger
	listener net.Listener
	engine   *lateEngine
	http     *http.Server
	start    startFunc
}

// serve runs the server until a signal comes or something breaks.
func (f *front) serve(src settings.Sources) error {
	loaded, err := settings.Load(src)
	if err != nil {
		return fmt.Errorf("the configuration cannot be used:\n%w", err)
	}
	s := &service{settings: loaded.Settings, log: f.logger(loaded.Settings.Log), start: f.start}
	logSettings(&s.log, src.File, loaded)
	s.log.Info().Msg("Initializing TabPy...")
	if err := s.open(loaded); err != nil {
		return err
	}
	return s.run(f.signals)
}

// open takes the port first, so that a port in use is known before anything is compiled, and health checks are answered meanwhile.
func (s *service) open(loaded *settings.Loaded) error {
	var err error
	if s.listener, err = listen(s.settings.Server); err != nil {
		return err
	}
	s.log.Info().Msg("Initializing TabPy Server...")
	s.engine = newLateEngine(s.settings.Cells.Queue, s.settings.Evaluate.Timeout.Duration())
	cfg := apiConfig(loaded, s.listener.Addr())
	api, err := httpapi.New(cfg, httpapi.Deps{Evaluator: s.engine, Readiness: s.engine})
	if err != nil {
		return errors.Join(err, s.listener.Close())
	}
	s.http = httpapi.NewServer(s.log.WithContext(context.Background()), s.listener.Addr().String(), api, cfg)
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
	cfg.Port = strconv.Itoa(portOf(addr))
	cfg.MaxRequestBytes = maxRequest(s)
	cfg.HeldBytes = 0 // from MaxRequestBytes
	cfg.GzipRequests = s.Request.Gzip
	cfg.EvaluateEnabled = s.Evaluate.Enable
	cfg.LogScript = s.Log.Scripts
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
	broken := make(chan error, 2)
	ctx, cancel := context.WithCancel(s.log.WithContext(context.Background()))
	defer cancel()
	// Serve, and not ListenAndServe: the port is ours already.
	go func() { broken <- s.http.Serve(s.listener) }()
	go func() {
		err := s.engine.start(func() (evaluator, error) { return s.start(ctx, s.settings, logProgress(&s.log)) })
		if err != nil {
			broken <- fmt.Errorf("the Python guest cannot be started: %w", err)
			return
		}
		s.log.Info().Msg("ready: scripts can run")
		loadBehind(s.engine.engine)
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

// announce says where the service is, in TabPy's sentence, and what to enter in Tableau.
func (s *service) announce() {
	port := portOf(s.listener.Addr())
	s.log.Info().Msgf("Web service listening on port %d", port)
	s.log.Info().Str("host", tableauHost(s.settings.Server.ListenHost())).Int("port", port).
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

// stop closes the doors in reverse order: no new requests, those that run are finished, then the engine. A second signal ends at once.
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
		return errors.Join(errInterrupted, s.http.Close())
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
