package settings

import (
	"errors"
	"net"
	"strings"
)

// Audit governs the audit trail.
type Audit struct {
	// To is where the lines go: a file; stdout; syslog, for the receiver of this host; or
	// syslog:udp://HOST:PORT or syslog:tcp://HOST:PORT. If empty, no trail is kept.
	To string
	// MaxMB is the size in MiB at which a file is renamed and a new one begins; 0-1048576. 0 means
	// never.
	MaxMB int
	// Keep is how many renamed files are kept; 0-100000. 0 means all.
	Keep int
}

// AuditStdout is the value of Audit.To for standard output.
const AuditStdout = "stdout"

const auditSyslog = "syslog"

// SyslogReceiver is the address of a syslog receiver. Network is "udp" or "tcp", or "" for a socket
// of this host whose kind is not known.
type SyslogReceiver struct{ Network, Address string }

// Syslog returns the receiver that To names. ok is false if To is not about syslog, or invalid.
func (a Audit) Syslog() (r SyslogReceiver, ok bool) {
	if a.To == auditSyslog {
		return SyslogReceiver{"", "/dev/log"}, true
	}
	address, ok := strings.CutPrefix(a.To, auditSyslog+":")
	network, address, found := strings.Cut(address, "://")
	host, port, err := net.SplitHostPort(address)
	ok = ok && found && (network == "udp" || network == "tcp") && err == nil && host != "" && port != ""
	return SyslogReceiver{network, address}, ok
}

// IsFile reports whether the trail goes to a file.
func (a Audit) IsFile() bool {
	return a.To != "" && a.To != AuditStdout && !isSyslog(a.To)
}

func isSyslog(to string) bool { return to == auditSyslog || strings.HasPrefix(to, auditSyslog+":") }

// auditTo is the destination of the audit trail. The path of a file may begin with ~.
type auditTo struct{ at *string }

func (v auditTo) String() string { return *v.at }

func (v auditTo) Set(s string) error {
	if _, ok := (Audit{To: s}).Syslog(); isSyslog(s) && !ok {
		return errors.New("must be a file, stdout, syslog, syslog:udp://HOST:PORT or syslog:tcp://HOST:PORT")
	}
	return path(v).Set(s)
}
