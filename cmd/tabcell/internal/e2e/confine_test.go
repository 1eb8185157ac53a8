//go:build linux

package e2e

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/certs/certtest"
	"tabcell/cmd/tabcell/internal/confine"
	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/runtime"
)

const confinedConfig = `[TabPy]
TABPY_PORT = %d
TABPY_TRANSFER_PROTOCOL = https
TABPY_CERTIFICATE_FILE = %[2]s/tls/server.crt
TABPY_KEY_FILE = %[2]s/tls/server.key
TABPY_STATIC_PATH = %[2]s/static
TABPY_EVALUATE_TIMEOUT = 300
TABCELL_MODELS_PATH = %[2]s/models
TABCELL_CONFINE = require
TABCELL_METRICS = on
[loggers]
keys = root
[handlers]
keys = file
[formatters]
keys = plain
[logger_root]
level = INFO
handlers = file
[handler_file]
class = handlers.RotatingFileHandler
args = ('%[2]s/logs/server.log', 'a', 4000, 3)
formatter = plain
[formatter_plain]
format = %%(message)s
`

// confined is a server in a process of its own, which has given up its rights.
type confined struct {
	t       *testing.T
	dir     string
	url     string
	process *exec.Cmd
	output  *testenv.Output
}

// startConfined starts a server and waits until it is ready, which with "require" means that the
// wall is complete.
func startConfined(t *testing.T, environ ...string) *confined {
	t.Helper()
	harness.Full(t) // compiled once for all tests, as is the core guest
	c := &confined{t: t, dir: t.TempDir(), output: testenv.NewOutput()}
	port := testenv.FreePort(t)
	c.url = fmt.Sprintf("https://127.0.0.1:%d", port)
	for _, folder := range []string{"conf", "tls", "logs", "static", "models"} {
		if err := os.Mkdir(c.path(folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	testenv.WriteFile(t, c.path("conf/tabpy.conf"), fmt.Sprintf(confinedConfig, port, c.dir))
	testenv.WriteFile(t, c.path("static/page.html"), "a page")
	certtest.Issue(t, "first", nil, certtest.ForHosts("127.0.0.1")).WriteFiles(t, c.path("tls"))
	c.run(environ...)
	limit := testenv.Scaled(2 * time.Minute)
	for deadline := time.Now().Add(limit); c.status("/health/ready") != http.StatusOK; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the server is not ready after %v:\n%s\n%s", limit, c.output, c.log())
		}
	}
	return c
}

// run starts the process, which is stopped at the end of the test.
func (c *confined) run(environ ...string) {
	c.t.Helper()
	program, err := os.Executable()
	if err != nil {
		c.t.Fatal(err)
	}
	c.process = &exec.Cmd{
		Path: program, Args: []string{"tabcell", "--config", c.path("conf/tabpy.conf")}, Stdout: c.output, Stderr: c.output,
		Env: append(append(os.Environ(), "TABCELL_CACHE_DIR="+testenv.CacheDir()), environ...),
	}
	if err := c.process.Start(); err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(c.stop)
}

// listenAsManager returns a socket like that of systemd, and the variable that names it.
func listenAsManager(t *testing.T) (*net.UnixConn, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "notify")
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { socket.Close() })
	return socket, "NOTIFY_SOCKET=" + path
}

// awaitWatchdog discards the messages that have arrived, and waits for the next one about the
// watchdog.
func awaitWatchdog(t *testing.T, socket *net.UnixConn) {
	t.Helper()
	text := make([]byte, 10_000)
	for _ = socket.SetReadDeadline(time.Now().Add(time.Millisecond)); ; {
		if _, err := socket.Read(text); err != nil {
			break
		}
	}
	for _ = socket.SetReadDeadline(time.Now().Add(testenv.Scaled(30 * time.Second))); ; {
		n, err := socket.Read(text)
		if err != nil {
			t.Fatalf("a confined server does not reach the service manager: %v", err)
		}
		if string(text[:n]) == "WATCHDOG=1" {
			return
		}
	}
}

func (c *confined) path(name string) string { return filepath.Join(c.dir, name) }

func (c *confined) log() string {
	text, _ := os.ReadFile(c.path("logs/server.log"))
	return string(text)
}

func (c *confined) stop() {
	if err := c.process.Process.Signal(syscall.SIGTERM); err != nil {
		c.t.Error(err)
	}
	if err := c.process.Wait(); err != nil {
		c.t.Errorf("%v\n%s", err, c.output)
	}
}

// status returns the status of a GET request, or 0 if it fails.
func (c *confined) status(path string) int {
	r, err := testenv.AnyCertificate.Get(c.url + path)
	if err != nil {
		return 0
	}
	r.Body.Close()
	return r.StatusCode
}

// send sends a request and returns the status and the body of the response.
func (c *confined) send(method, path, body string) string {
	c.t.Helper()
	request, err := http.NewRequest(method, c.url+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	r, err := testenv.AnyCertificate.Do(request)
	if err != nil {
		c.t.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		c.t.Error(err)
	}
	return fmt.Sprintf("%d %s", r.StatusCode, text)
}

// TestConfined checks that everything works in a server that has given up its rights.
func TestConfined(t *testing.T) {
	if support := confine.Support(); !support.Complete() {
		t.Skip(support.Missing())
	}
	manager, env := listenAsManager(t)
	c := startConfined(t, env, "WATCHDOG_USEC=3000000")
	awaitWatchdog(t, manager) // after the wall is complete
	for _, r := range []struct{ method, path, body, want string }{
		{"POST", "/evaluate", `{"script": "import numpy\nreturn int(numpy.arange(4).sum())", "data": {}}`, "200 6"},
		{"POST", "/evaluate", `{"script": "import scipy.stats\nreturn scipy.stats.norm.cdf(0)", "data": {}}`, "200 0.5"},
		{"POST", "/endpoints/double/source?function=double", "def double(x):\n    return [2 * v for v in x]\n", `201 {"name": "double"`},
		{"POST", "/query/double", `{"data": {"x": [1, 2]}}`, `200 {"response": [2, 4]`},
		{"POST", "/endpoints/fit/source?function=fit", "import sklearn.svm\ndef fit(x):\n    return len(x)\n", `201 {"name": "fit"`},
		{"POST", "/query/fit", `{"data": {"x": [1, 2]}}`, `200 {"response": 2`},
		{"DELETE", "/endpoints/double", "", "204 "},
		{"GET", "/page.html", "", "200 a page"},
		{"GET", "/info", "", "200 {"},
	} {
		if got := c.send(r.method, r.path, r.body); !strings.HasPrefix(got, r.want) {
			t.Errorf("%s %s: got %.500s, want %s", r.method, r.path, got, r.want)
		}
	}
	metrics := c.send("GET", "/metrics", "")
	for part, up := range confine.Support().Up {
		if want := fmt.Sprintf("tabcell_confined{part=%q} %d\n", part, map[bool]int{true: 1}[up]); !strings.Contains(metrics, want) {
			t.Errorf("the metrics lack %s", want)
		}
	}
	for _, name := range []string{"process_open_fds ", "process_resident_memory_bytes ", "process_start_time_seconds "} {
		if !strings.Contains(metrics, "\n"+name) {
			t.Errorf("the metrics lack %s", name)
		}
	}
	c.checkKernel()
	c.checkCode()
	c.checkCertificate()
	c.checkReload()
	c.checkRotation()
}

// checkKernel compares the state of the process with what the kernel shows.
func (c *confined) checkKernel() {
	status := testenv.ReadFile(c.t, fmt.Sprintf("/proc/%d/status", c.process.Process.Pid))
	for _, want := range []string{"Seccomp:\t2\n", "NoNewPrivs:\t1\n", "CapEff:\t0000000000000000\n", "CapPrm:\t0000000000000000\n"} {
		if !strings.Contains(status, want) {
			c.t.Errorf("the status lacks %q:\n%s", want, status)
		}
	}
}

// checkCode checks that no memory is writable and executable, and that the patched engine has
// mapped the code of both guests from their files, in place of a copy.
func (c *confined) checkCode() {
	maps, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", c.process.Process.Pid))
	if err != nil {
		c.t.Logf("the mappings are not tested, because only root can read them: %v", err)
		return
	}
	mapped, copied := 0, 0
	for line := range strings.Lines(string(maps)) {
		var from, to uint64
		if _, err := fmt.Sscanf(line, "%x-%x", &from, &to); err != nil {
			c.t.Fatal(err)
		}
		switch fields := strings.Fields(line); {
		case !strings.Contains(fields[1], "x") || to-from < 8<<20:
		case strings.Contains(fields[1], "w"):
			c.t.Errorf("writable and executable: %s", line)
		case len(fields) > 5 && strings.HasPrefix(fields[5], testenv.CacheDir()):
			mapped++
		case len(fields) == 5:
			copied++
		}
	}
	want := 2
	if runtime.EnginePatches() == "" {
		want = 0
	}
	if mapped != want || copied != 2-want {
		c.t.Errorf("the code of %d guests is mapped, and of %d copied:\n%s", mapped, copied, maps)
	}
}

// checkCertificate replaces the certificate by files with new names and times, as programs that
// renew certificates do.
func (c *confined) checkCertificate() {
	c.t.Helper()
	next := certtest.Issue(c.t, "second", nil, certtest.ForHosts("127.0.0.1"))
	dir := c.path("tls/next")
	if err := os.Mkdir(dir, 0o700); err != nil {
		c.t.Fatal(err)
	}
	next.WriteFiles(c.t, dir)
	for _, name := range []string{"server.crt", "server.key"} {
		file, old := filepath.Join(dir, name), time.Now().Add(-time.Hour) // older than the settling time
		if err := os.Chtimes(file, old, old); err != nil {
			c.t.Fatal(err)
		}
		if err := os.Rename(file, c.path("tls/"+name)); err != nil {
			c.t.Fatal(err)
		}
	}
	r, err := testenv.AnyCertificate.Get(c.url + "/info")
	if err != nil {
		c.t.Fatal(err)
	}
	defer r.Body.Close()
	if got := r.TLS.PeerCertificates[0].Subject.CommonName; got != "second" {
		c.t.Errorf("after the change, the server has the certificate of %q:\n%s", got, c.log())
	}
}

// checkReload replaces the configuration file, and moves the log away, before a SIGHUP.
func (c *confined) checkReload() {
	c.t.Helper()
	text := testenv.ReadFile(c.t, c.path("conf/tabpy.conf"))
	testenv.WriteFile(c.t, c.path("conf/next"), strings.Replace(text, "level = INFO", "level = DEBUG", 1))
	if err := os.Rename(c.path("conf/next"), c.path("conf/tabpy.conf")); err != nil {
		c.t.Fatal(err)
	}
	if err := os.Rename(c.path("logs/server.log"), c.path("logs/moved")); err != nil {
		c.t.Fatal(err)
	}
	if err := c.process.Process.Signal(syscall.SIGHUP); err != nil {
		c.t.Fatal(err)
	}
	limit := testenv.Scaled(30 * time.Second)
	for deadline := time.Now().Add(limit); !strings.Contains(c.log(), "the configuration and its files were reloaded"); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			c.t.Fatalf("the server has not reloaded within %v:\n%s\n%s", limit, c.output, c.log())
		}
	}
}

// checkRotation makes the log longer than a file may be.
func (c *confined) checkRotation() {
	for range 300 {
		c.send("GET", "/info", "")
	}
	for _, name := range []string{"logs/server.log.1", "logs/server.log.3"} {
		if _, err := os.Stat(c.path(name)); err != nil {
			c.t.Errorf("%v\n%s", err, c.output)
		}
	}
}
