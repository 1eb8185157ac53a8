//go:build install && linux

package packages

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"
)

// container is a running host.
type container struct {
	host
	process *exec.Cmd
	leader  string // process ID of its systemd
}

// boot starts the systemd of the host, until the end of the test. network is the option of
// systemd-nspawn for its network. The container's own filter of system calls must not be stricter
// than that of a real host.
func (h host) boot(network string) container {
	h.t.Helper()
	c := container{host: h}
	var console bytes.Buffer
	c.process = exec.Command("systemd-nspawn", "--quiet", "--register=no", "--keep-unit", network, "--console=pipe",
		"--system-call-filter=seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self userfaultfd",
		"--directory="+h.root, "--boot", "systemd.unit=basic.target")
	c.process.Env = append(os.Environ(), "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1")
	c.process.Stdout, c.process.Stderr = &console, &console
	if err := c.process.Start(); err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(c.halt)
	for deadline := time.Now().Add(3 * time.Minute); ; time.Sleep(time.Second) {
		if c.leader = c.findLeader(); c.leader != "" {
			state, _ := c.shell("systemctl is-system-running")
			if slices.Contains([]string{"running", "degraded"}, strings.TrimSpace(state)) {
				return c
			}
		}
		if time.Now().After(deadline) {
			_ = c.process.Process.Kill()
			h.t.Skipf("systemd cannot be booted in a container here:\n%s", console.String())
		}
	}
}

// findLeader returns the process ID of the container's systemd, or "".
func (c container) findLeader() string {
	pid := c.process.Process.Pid
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", pid))
	children := strings.Fields(string(text))
	if len(children) != 1 {
		return ""
	}
	return children[0]
}

func (c container) halt() {
	_ = c.process.Process.Signal(syscall.SIGTERM) // systemd-nspawn halts the container
	timer := time.AfterFunc(2*time.Minute, func() { _ = c.process.Process.Kill() })
	defer timer.Stop()
	_ = c.process.Wait() // its exit code is that of the container's last process
}

// shell runs a command in the container and returns its output.
func (c container) shell(command string) (string, error) {
	return c.shellWith("P@ssw0rd\n", command) // for new accounts
}

// shellWith runs a command with the given standard input.
func (c container) shellWith(input, command string) (string, error) {
	cmd := exec.Command("nsenter", "-t", c.leader, "-m", "-u", "-i", "-n", "-p", "-C", "-r", "-w", "/bin/sh", "-c", "cd /srv; "+command)
	cmd.Stdin = strings.NewReader(input)
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "DEBIAN_FRONTEND=noninteractive", "SYSTEMD_PAGER=", "HOME=/root"}
	text, err := cmd.CombinedOutput()
	return string(text), err
}

// await runs a command until its output contains a text.
func (c container) await(command, want string) {
	c.t.Helper()
	got := ""
	for deadline := time.Now().Add(startTime); time.Now().Before(deadline); time.Sleep(time.Second) {
		if got, _ = c.shell(command); strings.Contains(got, want) {
			return
		}
	}
	c.t.Errorf("%s: no %q in\n%s", command, want, got)
}
