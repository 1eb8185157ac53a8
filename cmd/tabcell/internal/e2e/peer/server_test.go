//go:build peer && linux

package peer

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/bench"
	"tabcell/cmd/tabcell/internal/testenv"
)

// peer is a server in a separate process, started as its users start it.
type peer struct {
	name, command, cache string
	url                  string
	flight               int // port of the Arrow Flight service; 0 to leave it off
	process              *exec.Cmd
	output               *bytes.Buffer
}

// buildTabcell builds the program as for a release. It returns the program's path and the name of
// its engine.
func buildTabcell(t *testing.T) (path, engine string) {
	path = filepath.Join(t.TempDir(), "tabpy") // under this name it accepts TabPy's flags
	out, err := exec.Command("go", "run", "tabcell/cmd/dist", "-o", path).Output()
	if err != nil {
		t.Fatalf("%v: %s", err, errorOutput(err))
	}
	_, engine, _ = strings.Cut(strings.TrimSpace(string(out)), path+": ")
	return path, engine
}

// errorOutput returns the error output of a command that failed.
func errorOutput(err error) string {
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		return string(failed.Stderr)
	}
	return ""
}

// peerCache returns the folder that keeps compiled guests and installations of TabPy between runs.
func peerCache(t *testing.T) string {
	dir, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	dir = filepath.Join(dir, "tabcell-peer")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

// start starts the server and returns after the response to the first script.
func (p *peer) start(t *testing.T) {
	t.Helper()
	port := testenv.FreePort(t)
	dir := t.TempDir()
	config := filepath.Join(dir, "bench.conf")
	text := fmt.Sprintf("[TabPy]\nTABPY_PORT = %d\nTABPY_MAX_REQUEST_SIZE_MB = 512\nTABPY_STATE_PATH = %s\nTABPY_EVALUATE_TIMEOUT = 100\n", port, dir)
	if p.flight != 0 {
		text += fmt.Sprintf("TABPY_ARROW_ENABLE = true\nTABPY_ARROWFLIGHT_PORT = %d\n", p.flight)
	}
	text += "[loggers]\nkeys=root\n[handlers]\nkeys=rootHandler\n[formatters]\nkeys=rootFormatter\n[logger_root]\nlevel=ERROR\nhandlers=rootHandler\n" +
		"[handler_rootHandler]\nclass=StreamHandler\nlevel=ERROR\nformatter=rootFormatter\nargs=(sys.stdout,)\n[formatter_rootFormatter]\nformat=%(message)s\n"
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p.url = fmt.Sprintf("http://127.0.0.1:%d", port)
	p.output = &bytes.Buffer{}
	p.process = exec.Command(p.command, "--config="+config, "--disable-auth-warning")
	p.process.Stdout, p.process.Stderr = p.output, p.output
	p.process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p.process.Env = append(os.Environ(), "TABCELL_CACHE_DIR="+p.cache)
	if err := p.process.Start(); err != nil {
		t.Fatal(err)
	}
	p.await(t)
}

// await waits for the first response. The test fails if there is none within three minutes.
func (p *peer) await(t *testing.T) {
	l := bench.NewLoad(bench.NewClient(1, &http.Transport{}), p.url, bench.Cases()[0])
	defer l.Client.CloseIdleConnections()
	for deadline := time.Now().Add(3 * time.Minute); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if l.WarmUp(t.Context()) == nil {
			return
		}
	}
	p.stop()
	t.Fatalf("%s did not respond within three minutes: %s", p.name, p.output)
}

func (p *peer) stop() {
	_ = syscall.Kill(-p.process.Process.Pid, syscall.SIGKILL)
	_ = p.process.Wait()
}

// cpu returns the CPU time of the process, in user and kernel mode.
func (p *peer) cpu(t *testing.T) time.Duration {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.process.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(raw[bytes.LastIndexByte(raw, ')')+2:]))
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond // clock ticks of 1/100 s
}

// watchMemory starts to sample the memory. The returned function stops it and returns the highest
// sample in MiB.
func (p *peer) watchMemory(t *testing.T) func() float64 {
	stop, peak := make(chan struct{}), make(chan float64, 1)
	go func() {
		peakPSS := 0.0
		for {
			peakPSS = max(peakPSS, p.pss())
			select {
			case <-stop:
				peak <- peakPSS
				return
			case <-time.After(30 * time.Millisecond):
			}
		}
	}()
	return func() float64 { close(stop); return <-peak }
}

// pss returns the proportional set size of the process in MiB, or 0 if it has ended.
func (p *peer) pss() float64 {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", p.process.Process.Pid))
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(raw), "\nPss:")
	fields := strings.Fields(after)
	if len(fields) == 0 {
		return 0
	}
	kib, _ := strconv.ParseFloat(fields[0], 64)
	return kib / 1024
}
