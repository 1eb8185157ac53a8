//go:build install && linux

package packages

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestSystemd replays the sessions of the manual's pages install.md and reload.md in a host with a
// systemd of its own. Before it removes the package, it checks the watchdog and the server's own
// confinement inside the unit.
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
	c := h.boot("--private-network")
	commands := map[string][]sessionCommand{}
	for _, command := range hostCommands(t) {
		commands[command.page] = append(commands[command.page], command)
	}
	if len(commands) != 2 || len(commands["reload.md"]) == 0 {
		t.Fatalf("the sessions are on other pages: %v", commands)
	}
	before := ""
	for _, command := range commands["install.md"] {
		switch {
		case strings.HasPrefix(command.text, "dpkg -i tabcell_1.0.1"):
			before, _ = c.shell("systemctl show tabcell -p MainPID")
		case strings.HasPrefix(command.text, "curl localhost:9004/query"): // after the upgrade
			if now, _ := c.shell("systemctl show tabcell -p MainPID"); before == "" || now == before {
				t.Errorf("the upgrade has not restarted the server: %q, before %q", now, before)
			}
		case strings.HasPrefix(command.text, "dpkg -r"):
			c.checkReload(commands["reload.md"])
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

// checkReload replays commands that each make the server read its configuration again.
func (c container) checkReload(commands []sessionCommand) {
	c.t.Helper()
	for _, command := range commands {
		count := func() int {
			text, _ := c.shell("journalctl -u tabcell -o cat")
			return strings.Count(text, "the configuration and its files were reloaded")
		}
		before := count()
		c.replay(command)
		for deadline := time.Now().Add(startTime); count() == before; time.Sleep(100 * time.Millisecond) {
			if time.Now().After(deadline) {
				c.t.Errorf("$ %s: the configuration was not read again", command.text)
				break
			}
		}
	}
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
