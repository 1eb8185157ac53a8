package manual

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/testenv"
)

// session runs the commands of one document with a shell, in a folder of its own. The port 9004 in
// commands and outputs is a free port of this machine, and the folders of packages, such as
// /etc/tabcell, are in the session's folder. The guest is core, because a machine without
// compiled code would need more than the tests' time limit for full.
type session struct {
	t      *testing.T
	dir    string
	port   string
	server *exec.Cmd // nil if none runs
	log    *testenv.Output
	env    []string // more variables
	// prefix is a program with arguments that runs the shell in another environment; usually nil.
	prefix []string
}

var (
	defaultPort = regexp.MustCompile(`\b9004\b`)
	needsServer = regexp.MustCompile(`\b9004\b|^tabcell endpoint `)
	showsFile   = regexp.MustCompile(`^cat ([\w.-]+)$`)
)

func newSession(t *testing.T) *session {
	s := &session{t: t, dir: t.TempDir(), port: strconv.Itoa(testenv.FreePort(t))}
	testenv.WriteFile(t, filepath.Join(s.dir, ".curlrc"), "silent\nshow-error\n")
	t.Cleanup(s.stop)
	return s
}

// run runs a command, and fails the test if its output is not the one that the document shows. A
// command without output must succeed.
//
//   - "cat FILE" with an output creates the file, unless it exists.
//   - A command that ends with " &" starts a server in place of the one that runs.
//   - Before the first command that needs a server, one is started without a configuration.
func (s *session) run(c command) {
	s.t.Helper()
	text, output := s.mapText(c.text), strings.Split(s.mapText(strings.Join(c.output, "\n")), "\n")
	if m := showsFile.FindStringSubmatch(text); m != nil && len(c.output) > 0 && !s.exists(m[1]) {
		testenv.WriteFile(s.t, filepath.Join(s.dir, m[1]), strings.Join(output, "\n")+"\n")
		return
	}
	if start, isServer := strings.CutSuffix(text, " &"); isServer {
		s.stop()
		s.start(start)
		return
	}
	if s.server == nil && needsServer.MatchString(c.text) {
		s.start("tabcell")
	}
	c.text, c.output = text, output[:min(len(output), len(c.output))]
	s.replay(c)
}

// replay runs a command as it is, and compares its output.
func (s *session) replay(c command) {
	s.t.Helper()
	got, err := s.shell(c.text)
	switch {
	case len(c.output) > 0 && !matches(c.output, got):
		s.t.Errorf("line %d: $ %s\ngot:\n%s\nwant:\n%s", c.line, c.text, got, strings.Join(c.output, "\n"))
	case len(c.output) == 0 && err != nil:
		s.t.Errorf("line %d: $ %s\n%v\n%s", c.line, c.text, err, got)
	}
}

// mapText replaces the port and the folders of a host by those of the session.
func (s *session) mapText(text string) string {
	return systemFolders.ReplaceAllString(defaultPort.ReplaceAllString(text, s.port), "${1}"+s.dir+"${2}")
}

func (s *session) exists(name string) bool {
	_, err := os.Stat(filepath.Join(s.dir, name))
	return err == nil
}

// shell runs a command and returns everything that it prints.
func (s *session) shell(text string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), testenv.Scaled(5*time.Minute))
	defer cancel()
	out, err := s.command(ctx, text).CombinedOutput()
	return string(out), err
}

func (s *session) command(ctx context.Context, text string) *exec.Cmd {
	args := append(slices.Clone(s.prefix), "sh", "-c", text)
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Dir = s.dir
	cmd.Env = append(os.Environ(), "HOME="+s.dir, "XDG_CONFIG_HOME="+filepath.Join(s.dir, ".config"), "LC_ALL=C",
		"TABCELL_CACHE_DIR="+testenv.CacheDir(), "TABCELL_PORT="+s.port, "TABCELL_GUEST=core")
	cmd.Env = append(cmd.Env, s.env...)
	cmd.WaitDelay = testenv.Scaled(10 * time.Second)
	return cmd
}

// start starts a server and waits until it is ready.
func (s *session) start(text string) {
	s.t.Helper()
	s.log = testenv.NewOutput()
	s.server = s.command(context.Background(), "exec env "+text)
	s.server.Stdout, s.server.Stderr = s.log, s.log
	if err := s.server.Start(); err != nil {
		s.t.Fatal(err)
	}
	limit := testenv.Scaled(time.Minute)
	for deadline := time.Now().Add(limit); !s.ready(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("$ %s: not ready after %v:\n%s", text, limit, s.log)
		}
	}
}

// ready reports whether the server is ready, for http or https.
func (s *session) ready() bool {
	for _, scheme := range []string{"http", "https"} {
		r, err := testenv.AnyCertificate.Get(fmt.Sprintf("%s://127.0.0.1:%s/health/ready", scheme, s.port))
		if err != nil {
			continue
		}
		r.Body.Close()
		if r.StatusCode == http.StatusOK {
			return true
		}
	}
	return false
}

// stop stops the server, which must exit without an error.
func (s *session) stop() {
	if s.server == nil {
		return
	}
	_ = s.server.Process.Signal(syscall.SIGTERM) // fails if it has exited, which Wait reports
	kill := time.AfterFunc(testenv.Scaled(time.Minute), func() { _ = s.server.Process.Kill() })
	defer kill.Stop()
	if err := s.server.Wait(); err != nil {
		s.t.Errorf("the server: %v\n%s", err, s.log)
	}
	s.server = nil
}
