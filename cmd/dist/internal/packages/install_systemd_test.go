//go:build install && linux

package packages

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestSystemd replays the sessions of the manual's page install.md in a host with a systemd of its
// own, and then checks the watchdog and the server's own confinement inside the unit.
func TestSystemd(t *testing.T) {
	if _, err := exec.LookPath("systemd-nspawn"); err != nil {
		t.Skip("systemd-nspawn is not installed (Debian's package systemd-container)")
	}
	h, all := newRoot(t), builtPackages(t)
	for _, release := range []map[string]string{all.first, all.second} {
		h.add(release["tabcell.deb"], "/srv")
	}
	for _, unit := range []string{"tabcell", "tabcell-warm"} { // the full guest takes minutes to compile
		h.add(writeFile(t, "core.conf", "[Service]\nEnvironment=TABCELL_GUEST=core\n"), "/etc/systemd/system/"+unit+".service.d")
	}
	c := h.boot()
	commands := sessions(t, "../../../../assets/docs/install.md", "console host TestSystemd")
	before := ""
	for _, command := range commands {
		switch {
		case strings.HasPrefix(command.text, "dpkg -i tabcell_1.0.1"):
			before, _ = c.shell("systemctl show tabcell -p MainPID")
		case strings.HasPrefix(command.text, "curl localhost:9004/query"): // after the upgrade
			if now, _ := c.shell("systemctl show tabcell -p MainPID"); before == "" || now == before {
				t.Errorf("the upgrade has not restarted the server: %q, before %q", now, before)
			}
		case strings.HasPrefix(command.text, "dpkg -r"):
			c.checkUnit()
			c.checkLogs()
		}
		c.replay(command)
	}
}

// writeFile writes a temporary file and returns its path.
func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// sessionCommand is a command of a session with the output that the manual shows.
type sessionCommand struct {
	text   string
	output []string
}

// sessions returns the commands of all blocks of a page that begin with the given line.
func sessions(t *testing.T, page, info string) (all []sessionCommand) {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	inside := false
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\n")
		command, isCommand := strings.CutPrefix(line, "$ ")
		switch {
		case line == "```"+info:
			inside = true
		case line == "```":
			inside = false
		case inside && isCommand:
			all = append(all, sessionCommand{text: command})
		case inside:
			last := &all[len(all)-1]
			last.output = append(last.output, line)
		}
	}
	if len(all) < 5 {
		t.Fatalf("%s has only %d commands", page, len(all))
	}
	return all
}

// matches compares an output with that of the manual: a line "..." is for any number of lines, and
// "..." within a line for any text.
func matches(want, got string) bool {
	pattern := regexp.QuoteMeta("\n" + want + "\n")
	pattern = strings.ReplaceAll(pattern, "\n\\.\\.\\.\n", "\n(?s:.*\n)?")
	pattern = strings.ReplaceAll(pattern, `\.\.\.`, ".*")
	return regexp.MustCompile("^" + pattern + "$").MatchString("\n" + strings.TrimRight(got, "\n") + "\n")
}

// container is a running host.
type container struct {
	host
	process *exec.Cmd
	leader  string // process ID of its systemd
}

// boot starts the systemd of the host, until the end of the test. The container's own filter of
// system calls must not be stricter than that of a real host.
func (h host) boot() container {
	h.t.Helper()
	c := container{host: h}
	var console bytes.Buffer
	c.process = exec.Command("systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--private-network", "--console=pipe",
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
	cmd := exec.Command("nsenter", "-t", c.leader, "-m", "-u", "-i", "-n", "-p", "-C", "-r", "-w", "/bin/sh", "-c", "cd /srv; "+command)
	cmd.Stdin = strings.NewReader("P@ssw0rd\n") // for new accounts
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "DEBIAN_FRONTEND=noninteractive", "SYSTEMD_PAGER=", "HOME=/root"}
	text, err := cmd.CombinedOutput()
	return string(text), err
}

// replay runs a command of the manual.
func (c container) replay(command sessionCommand) {
	c.t.Helper()
	text := strings.Replace(command.text, "curl ", "curl -sS ", 1)
	got, err := c.shell(text)
	want := strings.Join(command.output, "\n")
	switch {
	case err != nil:
		c.t.Errorf("$ %s: %v\n%s", text, err, got)
	case len(command.output) > 0 && !matches(want, got):
		c.t.Errorf("$ %s\ngot:\n%s\nwant:\n%s", text, got, want)
	}
	c.t.Logf("$ %s\n%s", text, got)
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

// checkUnit checks the running unit: the server can give up all its rights inside the sandbox, a
// process that stands still is restarted, and systemd's own measure of the loaded unit is low.
func (c container) checkUnit() {
	c.t.Helper()
	c.await("journalctl -u tabcell -o cat", "the server has given up the rights that it does not need")
	if text, err := c.shell("systemd-analyze security --no-pager --threshold=15 tabcell.service"); err != nil {
		c.t.Errorf("%v\n%s", err, text)
	}
	drop := "/run/systemd/system/tabcell.service.d"
	if text, err := c.shell("mkdir -p " + drop + " && printf '[Service]\\nWatchdogSec=6s\\n' > " + drop + "/test.conf && systemctl daemon-reload && systemctl restart tabcell && systemctl kill --signal=STOP tabcell"); err != nil {
		c.t.Errorf("%v\n%s", err, text)
	}
	c.await("systemctl show tabcell -p NRestarts", "NRestarts=1\n")
	c.await("systemctl show tabcell -p ActiveState", "ActiveState=active\n")
}

// checkLogs checks that the audit trail and a log file are written to the folder of the unit, and
// that logrotate moves the log.
func (c container) checkLogs() {
	c.t.Helper()
	for _, command := range []string{
		"sed -i 's|^# TABCELL_AUDIT =.*|TABCELL_AUDIT = /var/log/tabcell/audit.jsonl|' /etc/tabcell/tabcell.conf",
		"printf '%s' '" + fileLog + "' >> /etc/tabcell/tabcell.conf",
		"tabcell config check /etc/tabcell/tabcell.conf",
		"systemctl restart tabcell",
		"tabcell audit verify --complete /var/log/tabcell/audit.jsonl",
		"test -s /var/log/tabcell/server.log",
		"logrotate --force /etc/logrotate.d/tabcell",
		"test -s /var/log/tabcell/server.log.1",
	} {
		if text, err := c.shell(command); err != nil {
			c.t.Errorf("%s: %v\n%s", command, err, text)
		}
	}
	c.await("cat /var/log/tabcell/server.log", "the configuration and its files were reloaded")
}

// fileLog makes the server log to a file.
const fileLog = `[loggers]
keys = root
[handlers]
keys = file
[formatters]
keys = plain
[logger_root]
level = INFO
handlers = file
[handler_file]
class = FileHandler
args = ("/var/log/tabcell/server.log",)
formatter = plain
[formatter_plain]
format = %(message)s
`
