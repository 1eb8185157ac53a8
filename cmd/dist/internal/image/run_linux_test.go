//go:build image

package image

import (
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	goruntime "runtime"
	"strings"
	"testing"
	"time"
)

// TestRun runs the image with compiled code as a container runtime would: as its user, with its
// environment, in its files, which are read-only except for its volumes.
func TestRun(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("mounting the files of the image needs root")
	}
	c := newContainer(t, programWithCode(t))
	base := c.start("TABCELL_HOST=127.0.0.1", "TABCELL_PORT="+freePort(t), "TABCELL_GUEST=core")
	c.waitHealthy()
	for request, want := range map[string]string{
		`POST /evaluate {"script": "import numpy\nreturn numpy.cumsum(_arg1).tolist()", "data": {"_arg1": [1, 2, 3]}}`:                                                "[1, 3, 6]",
		`POST /evaluate {"script": "import os\nreturn [os.path.exists('/etc/passwd'), os.path.exists('/usr/bin/tabcell')]", "data": {}}`:                              "[false, false]",
		`POST /evaluate {"script": "import datetime, zoneinfo\nreturn str(zoneinfo.ZoneInfo('Europe/Berlin').utcoffset(datetime.datetime(2026, 7, 1)))", "data": {}}`: `"2:00:00"`,
	} {
		if got := ask(t, base, request); got != want {
			t.Errorf("%s returned %s, want %s", request, got, want)
		}
	}
	ask(t, base, "PUT /endpoints/twice/source def twice(x):\n    return [2 * v for v in x]\n")
	if got := ask(t, base, `POST /query/twice {"data": {"x": [4]}}`); !strings.Contains(got, `"response": [8]`) {
		t.Errorf("the deployed endpoint returned %s", got)
	}
	if out, err := c.exec("version"); err != nil {
		t.Errorf("tabcell version: %v: %s", err, out)
	}
	if out, err := c.command("find", c.root+"/var/cache/tabcell", "-type", "f"); err != nil || out != "" {
		t.Errorf("the server has compiled code in spite of that in the image: %s (%v)", out, err)
	}
	c.stop()
	if log := c.log.String(); strings.Contains(log, "is not used") || !strings.Contains(log, "the loopback address of a container") {
		t.Errorf("the log of an image with compiled code:\n%s", log)
	}
	if out, err := c.exec("health"); err == nil {
		t.Errorf("after the stop, the health check passes: %s", out)
	}
}

// repository is the root of the repository, seen from this package.
const repository = "../../../.."

// freePort returns a TCP port that was free when it was chosen.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// cacheDir returns the folder of compiled guests that all tests share.
func cacheDir(t *testing.T) string {
	t.Helper()
	if dir := os.Getenv("TABCELL_TEST_CACHE"); dir != "" {
		return dir
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "tabcell-tests")
}

// programWithCode builds the program, and compiles the core guest with it. TABCELL_IMAGE_PROGRAM
// names a program to use in place of that of cmd/dist.
func programWithCode(t *testing.T) Options {
	t.Helper()
	platform, dir := "linux/"+goruntime.GOARCH, t.TempDir()
	program := os.Getenv("TABCELL_IMAGE_PROGRAM")
	if program == "" {
		program = filepath.Join(dir, "tabcell")
		run(t, "go", "run", "./cmd/dist", "-o", program)
	}
	code := filepath.Join(dir, "tabcell-code")
	run(t, program, "warm", "--guest", "core", "--cache-dir", cacheDir(t), "--into", code)
	return Options{
		Version: "0.0.1", Modified: time.Unix(1793491200, 0), Out: dir, Programs: map[string]string{platform: program}, Code: map[string]string{platform: code},
		Documents: map[string]string{"LICENSE": filepath.Join(repository, "LICENSE")},
	}
}

// run runs a command in the root of the repository.
func run(t *testing.T, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = repository, append(os.Environ(), "TZ=UTC") // the zone of the image
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %q: %v\n%s", name, args, err, out)
	}
}

// ask sends a request, written as its method, path and body, and returns the response's body.
func ask(t *testing.T, base, request string) string {
	t.Helper()
	method, rest, _ := strings.Cut(request, " ")
	path, body, _ := strings.Cut(rest, " ")
	r, err := http.NewRequest(method, base+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode >= 300 {
		t.Errorf("%s: status %d, %v: %s", request, response.StatusCode, err, text)
	}
	return string(text)
}
