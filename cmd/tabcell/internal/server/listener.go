package server

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"tabcell/settings"
)

// Listen takes the port, or says what keeps it from that and what to do.
func Listen(s settings.Server) (net.Listener, error) {
	addr := net.JoinHostPort(s.ListenHost(), strconv.Itoa(s.Port))
	listener, err := net.Listen("tcp", addr)
	if err == nil {
		return listener, nil
	}
	return nil, fmt.Errorf("cannot listen on %s: %w%s", addr, err, listenAdvice(err))
}

// hostNames are the names that requests may use for this server: those that are allowed, and its
// own ones. nil is any name, which is what a server takes that the network can reach, unless some
// are allowed; "*" allows any.
func hostNames(s settings.Server) []string {
	allowed := settings.SplitList(s.AllowedHosts)
	if slices.Contains(allowed, "*") || len(allowed) == 0 && !settings.IsLoopback(s.ListenHost()) {
		return nil
	}
	names := append(allowed, "localhost", s.ListenHost())
	if machine, err := os.Hostname(); err == nil {
		names = append(names, machine)
	}
	return names
}

func listenAdvice(err error) string {
	var name *net.DNSError
	switch {
	// Windows says it in words of its own, under a number that syscall does not name.
	case errors.Is(err, syscall.EADDRINUSE), strings.Contains(err.Error(), "Only one usage of each socket address"):
		return "\nAnother program has the port, perhaps TabPy or another tabcell: stop it, or choose another port with --port or TABPY_PORT."
	case errors.Is(err, fs.ErrPermission):
		return "\nPorts below 1024 need a privilege on many systems: choose another with --port or TABPY_PORT."
	case errors.Is(err, syscall.EADDRNOTAVAIL), errors.As(err, &name):
		return "\nThis machine does not have that address: correct --host or TABCELL_HOST; 0.0.0.0 is every address."
	}
	return ""
}
