package console

import (
	"context"
	"encoding/json"
	"io/fs"
	"time"
)

// Admin shows the state of the server to administrators. Its methods are safe for concurrent use.
// Nothing that they return contains a secret.
type Admin interface {
	// Settings returns the settings in force, and the warnings about them.
	Settings() ([]Setting, []string)
	// Libraries returns the guests and the Python packages that scripts can import.
	Libraries() ([]Guest, []Library, error)
	// Findings checks the host and the configuration in force.
	Findings(ctx context.Context) []Finding
	// AuditTail returns at most limit lines of the audit trail, the newest first: those with a smaller
	// number than before, or the last ones if before is 0.
	AuditTail(before uint64, limit int) (AuditTail, error)
	// Certificates returns the certificates in use.
	Certificates(now time.Time) ([]Certificate, error)
	// Accounts returns the accounts that the configuration knows, with their roles.
	Accounts() (Accounts, error)
	// Grants returns the grants of the configuration in force, and the number of those that are left
	// out because there are many.
	Grants() (list []GrantInForce, more int)
}

// Setting is a setting in force.
type Setting struct {
	Name        string `json:"name"`
	TabPy       string `json:"tabpy"` // TabPy's name, or ""
	Value       string `json:"value"`
	Default     string `json:"default"`
	Layer       string `json:"layer"` // default, file, environment or flag
	Origin      string `json:"origin"`
	Restart     bool   `json:"restart"` // a change needs a restart
	Description string `json:"description"`
}

// Guest is a set of libraries for scripts.
type Guest struct {
	Name   string `json:"name"`
	Python string `json:"python"`
	State  string `json:"state"` // ready, preparing or off
	Digest string `json:"digest"`
}

// Library is a Python package that scripts can import.
type Library struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Guest   string `json:"guest"` // core, full, extra or added
	Licence string `json:"license"`
}

// Finding is the result of a check.
type Finding struct {
	Level  string `json:"level"` // ok, warning or error
	Title  string `json:"title"`
	Text   string `json:"text"`
	Advice string `json:"advice"`
}

// AuditTail is a part of the audit trail.
type AuditTail struct {
	Enabled bool              `json:"enabled"`
	Entries []json.RawMessage `json:"entries"`
	More    bool              `json:"more"`
	Note    string            `json:"note"` // why there are no entries; may be ""
	Stats   json.RawMessage   `json:"stats"`
}

// Certificate is a certificate in use.
type Certificate struct {
	Subject   string    `json:"subject"`
	Issuer    string    `json:"issuer"`
	NotBefore time.Time `json:"not_before"`
	NotAfter  time.Time `json:"not_after"`
	Names     []string  `json:"names"`
	Use       string    `json:"use"` // server, issuer or client authority
	DaysLeft  int       `json:"days_left"`
}

// Accounts has the accounts that the configuration knows.
type Accounts struct {
	Accounts     []Account `json:"accounts"`
	DefaultRoles []string  `json:"default_roles"`
	Anonymous    bool      `json:"anonymous"` // authentication is off
	More         int       `json:"more"`      // accounts that are not listed
}

// Account is an account, or a subject or scope of tokens that has roles of its own.
type Account struct {
	Name     string   `json:"name"`
	Method   string   `json:"method"` // password, certificate, token subject or token scope
	Roles    []string `json:"roles"`
	Grants   []string `json:"grants"`   // what the roles permit
	Sessions int      `json:"sessions"` // of the console
	// Reach has the names of the grants that scripts of the account may use.
	Reach []string `json:"reach"`
}

// GrantInForce is a grant of the configuration, and who may use it. Passwords of proxies and values
// of variables are left out.
type GrantInForce struct {
	Name           string        `json:"name"`
	Folders        []GrantFolder `json:"read"`
	Connect        []string      `json:"connect"`
	Variables      []string      `json:"env"`      // names
	Accounts       []string      `json:"accounts"` // names, subject:NAME, or * for all
	Endpoints      []string      `json:"endpoints"`
	CA             string        `json:"ca"`    // file with authorities; "" for those of the host
	Proxy          string        `json:"proxy"` // its URL without credentials; "" for none
	MaxConnections int           `json:"max_connections"`
	MaxMB          int           `json:"max_mb"` // MiB that a script may send and receive
}

// GrantFolder is a folder that scripts may read.
type GrantFolder struct {
	Path string `json:"path"` // as scripts write it
	Host string `json:"host"` // folder of the server
}

// Manual has the pages of the manual.
type Manual interface {
	// Pages returns all pages in the order in which they are meant to be read.
	Pages() []ManualPage
	// Page returns the JSON of the blocks of a page; ok is false if there is none for the topic.
	Page(topic string) (page ManualPage, blocks json.RawMessage, ok bool)
	// Search returns the places that contain all of the words in text.
	Search(text string) []ManualHit
	// Images has the files of the pictures in the pages.
	Images() fs.FS
}

// ManualPage is a page of the manual.
type ManualPage struct {
	Topic   string `json:"topic"`
	Title   string `json:"title"`
	Purpose string `json:"purpose,omitempty"`
}

// ManualHit is a place in a page.
type ManualHit struct {
	Topic   string `json:"topic"`
	Title   string `json:"title"`
	Heading string `json:"heading"`
	Anchor  string `json:"anchor"` // the section
	Excerpt string `json:"excerpt"`
}
