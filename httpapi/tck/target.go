package tck

import (
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Target is a kind of server that can be started.
type Target struct {
	// Start starts a server and returns its URL, without a path, and what stops it. The server must answer when Start returns.
	Start func(t testing.TB, s ServerSpec) (url string, stop func())
	// RunUntilExit starts a server that has to refuse what it is given, waits until it ends by itself, and returns its exit status; or an error when it
	// does not end. If it is nil, startup cases are skipped.
	RunUntilExit func(t testing.TB, s ServerSpec) (status int, err error)
	// MissingLibraries names libraries that the server's scripts cannot import; cases that need them are skipped.
	MissingLibraries []string
	// Skip says why this target cannot be asked a case, or "".
	Skip func(c Case) string
	// Gaps are the intended differences.
	Gaps []Gap
}

// ServerSpec is what a server is started with. The folders exist; the state folder holds state.ini if the configuration has one.
type ServerSpec struct {
	ConfigName string   // name
	CaseName   string   // that the server is started for; "" when several share it
	ConfigText string   // the configuration file's text
	StateINI   string   // "" when there is none
	Env        []string // NAME=VALUE, beyond the target's own
	Port       int      // a free one, at 127.0.0.1; the text and the environment name it
	StatePath  string   // the text names it
	ConfigDir  string   // folder with what configurations refer to
	JWKSPort   int      // of a server of key sets; 0 when the configuration has none
	Output     *Output  // gets what the server prints
}

var httpsSetting = regexp.MustCompile(`(?im)^TABPY_TRANSFER_PROTOCOL\s*[=:]\s*https\s*$`)

// URL is where a server listens that does what its configuration says.
func (s ServerSpec) URL() string {
	scheme := "http"
	if httpsSetting.MatchString(s.ConfigText) {
		scheme = "https"
	}
	return fmt.Sprintf("%s://127.0.0.1:%d", scheme, s.Port)
}

// fill replaces the placeholders of configurations, requests and answers.
func (s ServerSpec) fill(text string) string {
	return strings.NewReplacer("${PORT}", strconv.Itoa(s.Port), "${STATE_PATH}", s.StatePath,
		"${CONFIGS}", s.ConfigDir, "${JWKS_PORT}", strconv.Itoa(s.JWKSPort)).Replace(text)
}

// prepare fills in what a case's server is started with; keys may be nil.
func newServerSpec(t testing.TB, c Case, configDir string, jwks *jwksServer) ServerSpec {
	t.Helper()
	text, state, err := readConfig(c.Config)
	if err != nil {
		t.Fatal(err)
	}
	if c.ConfigText != "" {
		text = c.ConfigText
	}
	if c.StateINI != "" {
		state = c.StateINI
	}
	s := ServerSpec{ConfigName: c.Config, Port: freePort(t), StatePath: newStateDir(t), ConfigDir: configDir, Output: &Output{}}
	s.Env = []string{"TABPY_PORT=" + strconv.Itoa(s.Port)}
	if jwks != nil {
		s.JWKSPort = jwks.port
		s.Env = append(s.Env, "SSL_CERT_FILE="+filepath.Join(configDir, "test-tls.crt"))
	}
	for _, name := range slices.Sorted(maps.Keys(c.Env)) {
		s.Env = append(s.Env, name+"="+s.fill(c.Env[name]))
	}
	if s.ConfigText, s.StateINI = s.fill(text), s.fill(state); state != "" {
		writeFile(t, filepath.Join(s.StatePath, "state.ini"), []byte(s.StateINI))
	}
	for name, text := range c.Files {
		writeFile(t, filepath.Join(s.StatePath, name), []byte(s.fill(text)))
	}
	return s
}

// stateFolder is an empty folder whose path TabPy takes for a model's: that of t.TempDir has the commas of a case's name.
func newStateDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "tck")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// usesKeySets tells whether a case's server needs a server of key sets.
func (c Case) needsJWKS() bool {
	text, _, _ := readConfig(c.Config) // Load read it
	if c.ConfigText != "" {
		text = c.ConfigText
	}
	return strings.Contains(text, "${JWKS_PORT}")
}

func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
