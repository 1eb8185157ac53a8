//go:build attack && linux

package attack

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/certs/certtest"
	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/settings"
)

// victim is the attacked server, in a separate process.
type victim struct {
	addr, url string
	extra     string // address of the port under attack, if it is another one
	pid       int
	accounts  bool
	budget    float64 // MiB that the server may use
}

// at returns the victim with its other port as the one that raw connections use.
func (v *victim) at(address string) *victim {
	other := *v
	other.addr = address
	return &other
}

// onExtra returns an attack on the other port.
func onExtra(run func(context.Context, *testing.T, *victim)) func(context.Context, *testing.T, *victim) {
	return func(ctx context.Context, t *testing.T, v *victim) { run(ctx, t, v.at(v.extra)) }
}

// password is the password of both accounts.
const password = "P@ssw0rd-of-both"

// startVictim starts a server and waits until it is ready. The server ends with the test.
func startVictim(t *testing.T, a attack) *victim {
	v := &victim{addr: fmt.Sprintf("127.0.0.1:%d", testenv.FreePort(t)), accounts: a.accounts}
	v.url = "http://" + v.addr
	_, port, _ := strings.Cut(v.addr, ":")
	env := append(os.Environ(), "TABCELL_CACHE_DIR="+testenv.CacheDir(), "TABCELL_LOG_LEVEL=error", "TABCELL_GUEST=core",
		"TABCELL_MODELS_PATH="+t.TempDir(), "TABCELL_HOST=127.0.0.1", "TABCELL_PORT="+port)
	if a.accounts {
		env = append(env, "TABPY_PWD_FILE="+passwordFile(t))
	}
	if a.secure {
		v.url = "https://" + v.addr
		certificate, key := certtest.Issue(t, "server", nil, nil).WriteFiles(t, t.TempDir())
		env = append(env, "TABPY_TRANSFER_PROTOCOL=https", "TABPY_CERTIFICATE_FILE="+certificate, "TABPY_KEY_FILE="+key)
	}
	env = append(env, a.settings...)
	if a.configure != nil {
		env = append(env, a.configure(t, v, env)...)
	}
	v.budget = budgetOf(t, env)
	v.start(t, a.group, env)
	return v
}

// budgetOf returns the memory in MiB that a server with these settings may use: the sum that doctor
// shows, and one more script, for a client that has none while another one has all.
func budgetOf(t *testing.T, env []string) float64 {
	loaded, err := settings.Load(settings.Sources{Environ: env})
	if err != nil {
		t.Fatal(err)
	}
	return float64(loaded.Settings.MemorySumMB() + loaded.Settings.Cells.MemoryMB)
}

// start starts the server, in the control group if there is one.
func (v *victim) start(t *testing.T, group string, env []string) {
	serve := "exec tabcell serve"
	if config := value(env, configVariable); config != "" {
		serve += " --config " + config
	}
	cmd := exec.Command("sh", "-c", serve)
	if group != "" {
		cmd = exec.Command("sh", "-c", `echo $$ > "$0/cgroup.procs" && `+serve, group)
	}
	if resolver := value(env, resolverVariable); resolver != "" { // only this process sees the file
		cmd = exec.Command("unshare", "--mount", "sh", "-c", `mount --bind "$0" /etc/resolv.conf && `+serve, resolver)
	}
	cmd.Env = env
	log := testenv.NewOutput()
	cmd.Stdout, cmd.Stderr = io.Discard, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	v.pid = cmd.Process.Pid
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Errorf("the server ended with %v", err)
		}
		if text := log.String(); text != "" {
			t.Logf("the log, from its beginning: %.2000s", text)
		}
	})
	limit := testenv.Scaled(time.Minute)
	for deadline := time.Now().Add(limit); ; time.Sleep(50 * time.Millisecond) {
		if r, err := testenv.AnyCertificate.Get(v.url + "/health/ready"); err == nil {
			r.Body.Close()
			if r.StatusCode == http.StatusOK {
				return
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("the server was not ready within %v: %s", limit, log)
		}
	}
}

// passwordFile returns a file with the accounts of the attacker and the others.
func passwordFile(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "passwords")
	for _, name := range []string{attackerAccount, otherAccount} {
		add := exec.Command("tabcell", "user", "add", name, "-f", path)
		add.Stdin = strings.NewReader(password + "\n")
		if out, err := add.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	return path
}

// memory returns the resident memory of the server in MiB. It is 0 if the server has ended.
func (v *victim) memory() float64 {
	raw, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", v.pid))
	for line := range strings.Lines(string(raw)) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "VmRSS:" {
			kib, _ := strconv.ParseFloat(f[1], 64)
			return kib / 1024
		}
	}
	return 0
}

// watchMemory samples the memory until ctx is done, and then sends the highest sample.
func (v *victim) watchMemory(ctx context.Context) <-chan float64 {
	peak := make(chan float64, 1)
	go func() {
		highest := v.memory()
		for ticker := time.Tick(50 * time.Millisecond); ; highest = max(highest, v.memory()) {
			select {
			case <-ctx.Done():
				peak <- highest
				return
			case <-ticker:
			}
		}
	}()
	return peak
}

// settle waits until the memory is back, at most for limit, and returns the memory then.
func (v *victim) settle(before float64, limit time.Duration) float64 {
	now := v.memory()
	for deadline := time.Now().Add(limit); now > before+maxGrowth && time.Now().Before(deadline); now = v.memory() {
		time.Sleep(200 * time.Millisecond)
	}
	return now
}
