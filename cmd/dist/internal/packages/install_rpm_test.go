//go:build install && linux

package packages

import (
	"os/exec"
	"strings"
	"testing"
)

// TestRPM installs, upgrades and removes the package for Fedora and its relatives. The dependencies
// on commands are not checked, because the database of this host is that of dpkg.
func TestRPM(t *testing.T) {
	if _, err := exec.LookPath("rpm"); err != nil {
		t.Skip("rpm is not installed")
	}
	h, all := newHost(t), builtPackages(t)
	rpm := func(args ...string) string {
		t.Helper()
		return h.run(append([]string{"rpm", "--root=" + h.root, "--dbpath=/var/lib/rpm"}, args...)...)
	}
	h.run("rpm", "--root="+h.root, "--dbpath=/var/lib/rpm", "--initdb")
	rpm("-i", "--nodeps", all.first["tabcell.rpm"])
	h.check("installed", map[string]string{
		"/usr/bin/tabcell": "root root 755", "/etc/tabcell": "root tabcell 750", "/etc/tabcell/tabcell.conf": "root root 644",
		"/var/lib/tabcell": "tabcell tabcell 700", "/var/cache/tabcell": "tabcell tabcell 700", "/var/log/tabcell": "tabcell tabcell 750",
	})
	if text := rpm("-q", "-d", "tabcell"); !strings.Contains(text, "/usr/share/man/man1/tabcell.1.gz\n") {
		t.Errorf("the man page is not among the documents:\n%s", text)
	}
	if text := rpm("-q", "-c", "tabcell"); text != "/etc/logrotate.d/tabcell\n/etc/tabcell/tabcell.conf\n" {
		t.Errorf("the configuration files are %q", text)
	}
	s := h.start()
	s.use()
	s.stop()

	h.change("/etc/tabcell/tabcell.conf", own)
	rpm("-U", "--nodeps", all.second["tabcell.rpm"])
	if text := rpm("-q", "tabcell"); text != "tabcell-1.0.1-1.x86_64\n" {
		t.Errorf("after the upgrade, the version is %q", text)
	}
	if !h.has("/etc/tabcell/tabcell.conf", own) || h.manifests() != 1 || h.state("/usr/bin/tabcell") == "" {
		t.Error("the upgrade has changed the configuration or the models, or removed the program")
	}
	rpm("-e", "tabcell")
	h.check("removed", map[string]string{
		"/usr/bin/tabcell": "", "/etc/tabcell/tabcell.conf.rpmsave": "root root 644", "/var/cache/tabcell": "",
		"/var/lib/tabcell": "tabcell tabcell 700", "/var/log/tabcell": "tabcell tabcell 750",
	})
	if h.manifests() != 1 {
		t.Error("removing the package has removed a deployed endpoint")
	}
}
