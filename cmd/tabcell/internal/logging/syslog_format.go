package logging

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"time"

	"tabcell/settings/pylog"
)

// maxPacket is the maximum size of a packet in bytes. Receivers truncate longer ones.
const maxPacket = 8 << 10

// syslogFormat formats packets: <PRI>TIMESTAMP HOSTNAME TAG: text (RFC 3164, 4.1).
//
// GAP: Python sends only the priority and the line, followed by a NUL, and leaves it to the
// receiver to determine the host, the program and the end.
type syslogFormat struct {
	facility int
	host     string // with a final space; "" for a receiver on this host
	tag      string // with a final space; "" if the log format begins with its own tag
}

// ownTag matches the beginning of a log format that names the program, such as "tabpy: " or
// "tabpy[%(process)d]: ".
var ownTag = regexp.MustCompile(`^[\w./-]{1,48}(?:\[|: ?$|: )`)

func newSyslogFormat(h pylog.Handler) syslogFormat {
	f := syslogFormat{facility: h.Syslog.Facility}
	if h.Syslog.Network == "udp" || h.Syslog.Network == "tcp" {
		name, _ := os.Hostname()
		host, _, _ := strings.Cut(name, ".") // without the domain (RFC 3164, 4.1.2)
		f.host = host + " "
	}
	if !ownTag.MatchString(h.Format.Prefix()) {
		f.tag = fmt.Sprintf("tabcell[%d]: ", os.Getpid())
	}
	return f
}

// packet formats a line, which it truncates to maxPacket.
func (f syslogFormat) packet(line []byte, level int, at time.Time) []byte {
	head := fmt.Sprintf("<%d>%s %s%s", f.facility<<3|severity(level), at.Format(time.Stamp), f.host, f.tag)
	text := strings.ReplaceAll(string(line), "\n", " ") // a line feed would end the message on a stream
	if len(head)+len(text) > maxPacket {
		text = strings.ToValidUTF8(text[:maxPacket-len(head)-len("...")], "") + "..."
	}
	return []byte(head + text)
}
