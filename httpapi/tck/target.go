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

// Target describes how to start the server under test.
type Target struct {
	// Start starts a server that is ready for requests, and returns its URL without a path, and a
	// function that stops it.
	Start func(t testing.TB, s ServerSpec) (url string, stop func())
	// RunUntilExit starts a server that must refuse to start, waits until it exits by itself, and
	// returns its exit status. It returns an error if the server does not exit. If RunUntilExit is
	// nil, startup cases are skipped.
	RunUntilExit func(t testing.TB, s ServerSpec) (status int, err error)
	// MissingLibraries lists libraries that scripts cannot import on this server. Cases that need one
	// of them are skipped.
	MissingLibraries []string
	// Skip, if not nil, returns the reason for skipping a case, or "".
	Skip func(c Case) string
	// Gaps lists the cases whose responses are meant to differ.
	Gaps []Gap
}

// ServerSpec specifies a server to start. Its directories exist, and the state directory contains
// state.ini if StateINI is not empty.
type ServerSpec struct {
	ConfigName string
	CaseName   string   // "" for a shared server
	ConfigText string   // text of the configuration file
	StateINI   string   // text of state.ini
	Env        []string // NAME=VALUE, in addition to the target's own environment
	Port       int      // free on 127.0.0.1; ConfigText and Env name it
	StatePath  string   // state directory, which ConfigText names
	ConfigDir  string   // directory with the files that configurations refer to
	JWKSPort   int      // of the JWKS server; 0 if the configuration does not use it
	Output     *Output  // receives the output of the server
}

var httpsSetting = regexp.MustCompile(`(?im)^TABPY_TRANSFER_PROTOCOL\s*[=:]\s*https\s*$`)

// URL returns the URL at which the server listens according to its configuration.
func (s ServerSpec) URL() string {
	scheme := "http"
	if httpsSetting.MatchString(s.ConfigText) {
		scheme = "https"
	}
	return fmt.Sprintf("%s://127.0.0.1:%d", scheme, s.Port)
}

// fill replaces the placeholders of configurations, requests and responses.
func (s ServerSpec) fill(text string) string {
	return strings.NewReplacer("${PORT}", strconv.Itoa(s.Port), "${STATE_PATH}", s.StatePath,
		"${CONFIGS}", s.ConfigDir, "${JWKS_PORT}", strconv.Itoa(s.JWKSPort)).Replace(text)
}

// newServerSpec returns the specification of the server for a case. The JWKS server may be nil.
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

// newStateDir creates an empty state directory. t.TempDir cannot be used: its path contains the
// name of the case, and TabPy does not accept paths with commas for models.
func newStateDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "tck")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// needsJWKS reports whether the configuration of a case uses the JWKS server.
func (c Case) needsJWKS() bool {
	text, _, _ := readConfig(c.Config) // Load has checked that it exists
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
