package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"strconv"
	"strings"
	"syscall"

	"tabcell/settings"
)

// Listen listens on the configured address. Its error contains advice.
func Listen(s settings.Server) (net.Listener, error) {
	return listen(s.ListenHost(), s.Port, "--port or TABPY_PORT")
}

// ListenFlight listens on the configured address of Arrow Flight. Its error contains advice.
func ListenFlight(s settings.Settings) (net.Listener, error) {
	return listen(s.Server.ListenHost(), s.Flight.Port, "TABPY_ARROWFLIGHT_PORT")
}

// listen listens on a port. option names the settings of the port.
func listen(host string, port int, option string) (net.Listener, error) {
	addr := net.JoinHostPort(host, strconv.Itoa(port))
	var config net.ListenConfig
	config.SetMultipathTCP(false) // the rules of Landlock for TCP ports do not cover it
	listener, err := config.Listen(context.Background(), "tcp", addr)
	if err == nil {
		return listener, nil
	}
	return nil, fmt.Errorf("cannot listen on %s: %w%s", addr, err, listenAdvice(err, option))
}

// listenAdvice returns the end of the message of an error of net.Listen, or "" if the cause is
// unknown. option names the settings of the port.
func listenAdvice(err error, option string) string {
	var unknownHost *net.DNSError
	switch {
	// Windows has its own message for a port in use, with a number that package syscall does not
	// name.
	case errors.Is(err, syscall.EADDRINUSE), strings.Contains(err.Error(), "Only one usage of each socket address"):
		return "; another program uses the port, perhaps TabPy or another tabcell: stop it, or choose another port with " + option
	case errors.Is(err, fs.ErrPermission):
		return "; many systems restrict ports below 1024: choose another port with " + option
	case errors.Is(err, syscall.EADDRNOTAVAIL), errors.As(err, &unknownHost):
		return "; this machine does not have the address: correct --host or TABCELL_HOST (0.0.0.0 means all addresses)"
	}
	return ""
}
