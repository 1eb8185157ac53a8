package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"

	"tabcell/httpapi/flight"
)

// flightService is the server of Arrow Flight. Its methods do nothing if it is nil.
type flightService struct {
	http     *http.Server
	listener net.Listener
}

// openFlight listens on the port of Arrow Flight. It returns nil if Arrow Flight is disabled.
//
// GAP: TabPy goes on without Arrow Flight if the port is in use.
func (s *service) openFlight(ctx context.Context) (*flightService, error) {
	if !s.settings.Flight.Enable {
		return nil, nil
	}
	l, err := ListenFlight(s.settings)
	if err != nil {
		return nil, fmt.Errorf("the port of Arrow Flight: %w", err)
	}
	f := &flightService{http: flight.NewHTTPServer(ctx, s.api)}
	f.http.TLSConfig = s.tls.Config()
	f.listener = s.api.LimitFlightConnections(ctx, f.http, l)
	return f, nil
}

// serve serves until the server is closed. An error is sent to failed.
func (f *flightService) serve(failed chan<- error) {
	if f == nil {
		return
	}
	go func() {
		if err := flight.Serve(f.http, f.listener); !errors.Is(err, http.ErrServerClosed) {
			failed <- fmt.Errorf("the service of Arrow Flight ended: %w", err)
		}
	}()
}

// location returns the URL of the service for the log.
func (f *flightService) location(host string) string {
	scheme := "grpc+tcp"
	if f.http.TLSConfig != nil {
		scheme = "grpc+tls"
	}
	return fmt.Sprintf("%s://%s:%d", scheme, host, portOf(f.listener.Addr()))
}

// shutdown finishes the calls in progress. After ctx is done, it cuts them off.
func (f *flightService) shutdown(ctx context.Context) error {
	if f == nil {
		return nil
	}
	if err := f.http.Shutdown(ctx); err != nil {
		return errors.Join(fmt.Errorf("calls of Arrow Flight were cut off: %w", err), f.http.Close())
	}
	return nil
}

// close cuts off all calls.
func (f *flightService) close() error {
	if f == nil {
		return nil
	}
	return errors.Join(f.http.Close(), ignoreClosed(f.listener.Close()))
}

// ignoreClosed returns err, or nil if it says that a listener was closed before.
func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
