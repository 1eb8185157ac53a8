package doctor

import (
	"errors"
	"fmt"
	"net"
	goruntime "runtime"
	"strconv"
	"strings"
	"syscall"

	"tabcell/settings"
)

// checkFlightPort checks that the port of Arrow Flight is free. It returns nil if Arrow Flight is
// disabled.
func checkFlightPort(s settings.Settings, listen func(settings.Server) (net.Listener, error)) []Finding {
	if !s.Flight.Enable {
		return nil
	}
	server := s.Server
	server.Port = s.Flight.Port
	f := checkPort(server, listen)
	f.Subject = "port of Arrow Flight"
	f.Advice = portOptions.Replace(f.Advice)
	return []Finding{f}
}

var portOptions = strings.NewReplacer("--port or TABPY_PORT", "TABPY_ARROWFLIGHT_PORT", "TABPY_PORT", "TABPY_ARROWFLIGHT_PORT")

// checkPort checks that the configured port is free, and finds the program that uses it.
func checkPort(s settings.Server, listen func(settings.Server) (net.Listener, error)) Finding {
	addr := net.JoinHostPort(s.ListenHost(), strconv.Itoa(s.Port))
	listener, err := listen(s)
	if err == nil {
		listener.Close()
		return Finding{OK, "port", addr + " is free", ""}
	}
	text, advice, _ := strings.Cut(err.Error(), "; ")
	if inUse(err) {
		if owners := portOwners(s.Port); owners != "" {
			text += "; the port is used by " + owners
		} else {
			advice += fmt.Sprintf("; `%s` shows the program", ownerCommand(s.Port))
		}
	}
	if advice == "" {
		advice = "correct TABCELL_HOST and TABPY_PORT"
	}
	return Finding{Failure, "port", text, advice}
}

// inUse reports whether err is that of a port in use. Windows has its own number for it, which
// package syscall does not name.
func inUse(err error) bool {
	return errors.Is(err, syscall.EADDRINUSE) || strings.Contains(err.Error(), "Only one usage of each socket address")
}

// ownerCommand returns a command that shows the program that listens on a port.
func ownerCommand(port int) string {
	switch goruntime.GOOS {
	case "windows":
		return fmt.Sprintf("netstat -ano | findstr :%d", port)
	case "darwin":
		return fmt.Sprintf("sudo lsof -nP -iTCP:%d -sTCP:LISTEN", port)
	}
	return fmt.Sprintf("sudo ss -ltnp 'sport = :%d'", port)
}
