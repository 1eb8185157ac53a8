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
	addr := net.JoinHostPort(s.ListenHost(), strconv.Itoa(s.Port))
	var config net.ListenConfig
	config.SetMultipathTCP(false) // the rules of Landlock for TCP ports do not cover it
	listener, err := config.Listen(context.Background(), "tcp", addr)
	if err == nil {
		return listener, nil
	}
	return nil, fmt.Errorf("cannot listen on %s: %w%s", addr, err, listenAdvice(err))
}

// listenAdvice returns the end of the message of an error of net.Listen, or "" if the cause is
// unknown.
func listenAdvice(err error) string {
	var unknownHost *net.DNSError
	switch {
	// Windows has its own message for a port in use, with a number that package syscall does not
	// name.
	case errors.Is(err, syscall.EADDRINUSE), strings.Contains(err.Error(), "Only one usage of each socket address"):
		return "; another program uses the port, perhaps TabPy or another tabcell: stop it, or choose another port with --port or TABPY_PORT"
	case errors.Is(err, fs.ErrPermission):
		return "; many systems restrict ports below 1024: choose another port with --port or TABPY_PORT"
	case errors.Is(err, syscall.EADDRNOTAVAIL), errors.As(err, &unknownHost):
		return "; this machine does not have the address: correct --host or TABCELL_HOST (0.0.0.0 means all addresses)"
	}
	return ""
}
