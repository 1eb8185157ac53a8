//go:build install && linux

package packages

import (
	"os/exec"
	"strings"
	"testing"
)

// own is the setting that the administrator of the tests makes.
const own = "TABCELL_LOG_REPEATS = 7"

// TestDeb installs, runs, upgrades, removes and purges the packages for Debian.
func TestDeb(t *testing.T) {
	h, all := newHost(t), builtPackages(t)
	dpkg := func(args ...string) string {
		t.Helper()
		return h.run(append([]string{"dpkg", "--root=" + h.root}, args...)...)
	}
	dpkg("-i", all.first["tabcell.deb"])
	h.check("installed", map[string]string{
		"/usr/bin/tabcell": "root root 755", "/etc/tabcell": "root tabcell 750", "/etc/tabcell/tabcell.conf": "root root 644",
		"/var/lib/tabcell": "tabcell tabcell 700", "/var/cache/tabcell": "tabcell tabcell 700", "/var/log/tabcell": "tabcell tabcell 750",
		"/etc/systemd/system/multi-user.target.wants/tabcell.service": "root root 777",
	})
	s := h.start()
	s.use()
	s.stop()
	if h.manifests() != 1 {
		t.Errorf("there are %d deployed endpoints in the folder of the configuration, want 1", h.manifests())
	}

	h.change("/etc/tabcell/tabcell.conf", own)
	h.run("chmod", "755", h.path("/etc/tabcell"))
	dpkg("-i", all.second["tabcell.deb"])
	if !h.has("/etc/tabcell/tabcell.conf", own) || h.manifests() != 1 {
		t.Error("the upgrade has changed the configuration or the models")
	}
	h.check("upgraded", map[string]string{"/etc/tabcell": "root tabcell 755", "/usr/bin/tabcell": "root root 755"})
	s = h.start()
	s.ask("/query/double", `{"data": {"x": [4]}}`, `200 {"response": [8]`)
	s.stop()

	dpkg("-r", "tabcell")
	h.check("removed", map[string]string{
		"/usr/bin/tabcell": "", "/usr/lib/systemd/system/tabcell.service": "", "/etc/tabcell/tabcell.conf": "root root 644",
		"/var/lib/tabcell": "tabcell tabcell 700", "/var/log/tabcell": "tabcell tabcell 750",
	})
	if text := dpkg("-P", "tabcell"); !strings.Contains(text, "the deployed endpoints remain in /var/lib/tabcell") {
		t.Errorf("purge does not say that endpoints remain:\n%s", text)
	}
	h.check("purged", map[string]string{
		"/etc/tabcell": "", "/var/cache/tabcell": "", "/var/log/tabcell": "", "/var/lib/tabcell": "tabcell tabcell 700",
		"/etc/systemd/system/multi-user.target.wants/tabcell.service": "", "/etc/logrotate.d/tabcell": "",
	})
	if h.manifests() != 1 {
		t.Error("purge has removed a deployed endpoint")
	}
	h.account("tabcell")
}

// TestDebPurgeUnused checks that nothing remains of a server without endpoints.
func TestDebPurgeUnused(t *testing.T) {
	h, all := newHost(t), builtPackages(t)
	h.run("dpkg", "--root="+h.root, "-i", all.first["tabcell.deb"])
	h.run("install", "-d", h.path("/var/lib/tabcell/models/staging"), h.path("/var/lib/tabcell/.cache"))
	h.run("dpkg", "--root="+h.root, "-P", "tabcell")
	h.check("purged", map[string]string{"/etc/tabcell": "", "/var/cache/tabcell": "", "/var/log/tabcell": "", "/var/lib/tabcell": ""})
}

// TestDebCode checks that the program uses the code of the package tabcell-code, and that this
// package cannot be installed with another version of the program.
func TestDebCode(t *testing.T) {
	h, all := newHost(t), builtPackages(t)
	if all.first["tabcell-code.deb"] == "" {
		t.Skip("TABCELL_INSTALL_CODE names no folder of compiled code")
	}
	h.run("dpkg", "--root="+h.root, "-i", all.first["tabcell.deb"], all.first["tabcell-code.deb"])
	s := h.start()
	s.ask("/evaluate", `{"data": {}, "script": "return 6 * 7"}`, "200 42")
	s.stop()
	if !strings.Contains(s.log.String(), "was loaded from the shipped code") {
		t.Error("the server has not used the package of compiled code")
	}
	if text, err := exec.Command("dpkg", "--root="+h.root, "-i", all.second["tabcell-code.deb"]).CombinedOutput(); err == nil {
		t.Errorf("the compiled code of another version was installed:\n%s", text)
	}
}

// TestLintian checks that Debian's checker finds no error.
func TestLintian(t *testing.T) {
	if _, err := exec.LookPath("lintian"); err != nil {
		t.Skip("lintian is not installed")
	}
	for name, path := range builtPackages(t).first {
		if strings.HasSuffix(name, ".deb") {
			text, err := exec.Command("lintian", "--allow-root", "--fail-on", "error,warning", path).CombinedOutput()
			if err != nil {
				t.Errorf("%s: %v\n%s", name, err, text)
			}
		}
	}
}

// TestExposure checks the sandbox of the units with systemd's own measure.
func TestExposure(t *testing.T) {
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("systemd is not installed")
	}
	for unit, threshold := range map[string]string{"tabcell.service": "15", "tabcell-warm.service": "15"} {
		b := builder{Options: Options{Root: "../../../.."}}
		text, err := exec.Command("systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold="+threshold, b.source(unit)).CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", unit, err, text)
		}
	}
}
