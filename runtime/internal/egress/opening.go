package egress

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
)

// A target for tls:// may begin with plain bytes: those by which the protocol asks the server for
// TLS. No other bytes are sent, so that a script cannot sign in, or ask for anything, without TLS.

// maxOpening is the number of plain bytes that a script may send before TLS.
const maxOpening = 1024

// postgresRequest is PostgreSQL's SSLRequest.
var postgresRequest = []byte{0, 0, 0, 8, 4, 210, 22, 47}

const (
	mysqlRequest = 36      // bytes of MySQL's SSLRequest: its head and 32 bytes
	mysqlSSL     = 1 << 11 // CLIENT_SSL, in the flags of the request
	maxLDAP      = 64      // bytes of LDAP's request
)

// ldapStartTLS identifies LDAP's StartTLS operation.
const ldapStartTLS = "1.3.6.1.4.1.1466.20037"

// plainCommands are the commands of SMTP, LMTP, IMAP, POP3, FTP and NNTP that may precede TLS.
var plainCommands = []string{"EHLO", "HELO", "LHLO", "STARTTLS", "STLS", "CAPA", "CAPABILITY", "CAPABILITIES", "NOOP", "RSET", "QUIT", "LOGOUT", "AUTH TLS", "AUTH SSL"}

// isOpening reports whether b, all that a script has sent on a connection, is a known request for
// TLS, or the beginning of one.
func isOpening(b []byte) bool {
	switch {
	case len(b) == 0:
		return true
	case len(b) > maxOpening:
		return false
	case bytes.HasPrefix(postgresRequest, b):
		return true
	case b[0] == 32 && b[min(1, len(b)-1)] != ' ': // the length of MySQL's request
		return isMySQL(b)
	case b[0] == 0x30: // a sequence of LDAP
		return isLDAP(b)
	}
	for line := range bytes.Lines(b) {
		if !isPlainCommand(string(line)) {
			return false
		}
	}
	return true
}

// isMySQL reports whether b begins MySQL's SSLRequest: a packet of 32 bytes with the number 1 that
// asks for TLS.
func isMySQL(b []byte) bool {
	head := []byte{32, 0, 0, 1}
	if len(b) <= len(head) {
		return bytes.HasPrefix(head, b)
	}
	if !bytes.HasPrefix(b, head) || len(b) > mysqlRequest || len(b) < len(head)+2 {
		return false
	}
	return binary.LittleEndian.Uint16(b[len(head):])&mysqlSSL != 0
}

// isLDAP reports whether b is an extended request of LDAP for TLS. It must be sent as a whole.
func isLDAP(b []byte) bool {
	return len(b) <= maxLDAP && len(b) == 2+int(b[min(1, len(b)-1)]) && bytes.HasSuffix(b, []byte(ldapStartTLS))
}

// isPlainCommand reports whether a line, or the beginning of one, is a command that may precede TLS.
// IMAP has a tag before the command.
func isPlainCommand(line string) bool {
	text := strings.TrimRight(line, "\r\n")
	complete := len(text) < len(line)
	if strings.IndexFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) >= 0 {
		return false
	}
	text = strings.ToUpper(text)
	_, afterTag, tagged := strings.Cut(text, " ")
	return matchesCommand(text, complete) || tagged && matchesCommand(afterTag, complete) || !tagged && !complete && isTag(text)
}

// matchesCommand reports whether a text is a command with its arguments, or the beginning of one.
func matchesCommand(text string, complete bool) bool {
	return slices.ContainsFunc(plainCommands, func(command string) bool {
		return text == command || strings.HasPrefix(text, command+" ") || !complete && strings.HasPrefix(command, text)
	})
}

// maxTag is the maximum length of the tag of an IMAP command.
const maxTag = 16

// isTag reports whether a text may be the tag of an IMAP command, of which more will come.
func isTag(text string) bool {
	return len(text) <= maxTag && strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") == ""
}
