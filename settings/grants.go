package settings

import (
	"fmt"
	"slices"
	"strings"
)

// Grant is a section [Grant NAME] of the file, which lets some scripts reach outside their cells.
type Grant struct {
	Name    string // unique, also without regard to case
	Folders []GrantFolder
	Targets []GrantTarget
	// Accounts may use the grant in their scripts: names of accounts in lower case, subject:NAME for
	// the subjects of tokens, or *.
	Accounts []string
	// Endpoints may use the grant: names of deployed endpoints.
	Endpoints []string
	// CA is a file with the authorities of TLS servers in PEM format. If empty, those of the host are
	// used.
	CA string
	// Proxy is the http or https URL of a proxy for all connections, perhaps with a password. If
	// empty, connections are direct.
	Proxy string
	Env   []GrantVariable
	// MaxConnections is how many connections of one script may be open at once; 1-256.
	MaxConnections int
	// MaxMB is the number of MiB that one script may send and receive; 1-1048576.
	MaxMB int
	// AllowAnonymous permits the grant although clients do not authenticate.
	AllowAnonymous bool

	section *grantSection
}

// GrantFolder is a folder that scripts may read.
type GrantFolder struct {
	Host  string // absolute, with symbolic links resolved
	Guest string // absolute path at which scripts see it; a Windows path has a drive letter
}

// GrantTarget is a server to which scripts may connect.
type GrantTarget struct {
	Scheme string // tcp, tls, http or https
	Host   string // a name in lower case, or an IP address
	Port   int    // 1-65535
}

// GrantVariable is an environment variable of scripts. Its value is secret.
type GrantVariable struct{ Name, Value string }

// AnyAccount is the account of a Grant that every client may use.
const AnyAccount = "*"

// SubjectPrefix begins an account of a Grant that is the subject of a token.
const SubjectPrefix = "subject:"

// Defaults of a Grant.
const (
	defaultGrantConnections = 8
	defaultGrantMB          = 64
)

// String returns the target as it is written in the file, with its port.
func (t GrantTarget) String() string {
	host := t.Host
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return fmt.Sprintf("%s://%s:%d", t.Scheme, host, t.Port)
}

// Equal reports whether both grants permit the same. Their places in the file do not matter.
func (g Grant) Equal(other Grant) bool {
	a, b := g, other
	same := slices.Equal(a.Folders, b.Folders) && slices.Equal(a.Targets, b.Targets) && slices.Equal(a.Accounts, b.Accounts) &&
		slices.Equal(a.Endpoints, b.Endpoints) && slices.Equal(a.Env, b.Env)
	return same && a.Name == b.Name && a.CA == b.CA && a.Proxy == b.Proxy &&
		a.MaxConnections == b.MaxConnections && a.MaxMB == b.MaxMB && a.AllowAnonymous == b.AllowAnonymous
}

// IsWindowsPath reports whether a path as a script writes it has a drive letter or begins with the
// name of a server.
func IsWindowsPath(path string) bool {
	drive := len(path) >= 3 && path[1] == ':' && strings.ContainsRune(`\/`, rune(path[2])) && isLetter(path[0])
	return drive || strings.HasPrefix(path, `\\`)
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
