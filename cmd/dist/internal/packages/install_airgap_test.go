//go:build install && linux

package packages

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestAirGap replays the manual's session for hosts without a network, in a host with a systemd of
// its own and nothing but a loopback interface: a medium has the packages, with compiled code, their
// digests and a signature.
func TestAirGap(t *testing.T) {
	for _, program := range []string{"systemd-nspawn", "minisign"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not installed (Debian's packages systemd-container and minisign)", program)
		}
	}
	h := newRoot(t)
	for name, path := range packagesWithCode(t) {
		if strings.HasSuffix(name, ".deb") {
			h.add(path, "/media/usb/tabcell")
		}
	}
	for _, unit := range []string{"tabcell", "tabcell-warm"} { // for which there is code
		h.add(writeFile(t, "core.conf", "[Service]\nEnvironment=TABCELL_GUEST=core\n"), "/etc/systemd/system/"+unit+".service.d")
	}
	c := h.boot("--private-network")
	folder := "cd /srv"
	c.mustRun("cd /media/usb/tabcell && sha256sum *.deb > SHA256SUMS && minisign -GWf -p tabcell.pub -s /var/tmp/key && minisign -S -s /var/tmp/key -m SHA256SUMS")
	for _, command := range hostCommands(t) {
		if strings.HasPrefix(command.text, "cd ") {
			folder = command.text
		}
		if strings.HasPrefix(command.text, "curl ") { // dpkg does not wait for the service
			c.mustRun("systemctl start tabcell")
		}
		command.text = folder + "; " + command.text
		c.replay(command)
	}
	c.await("journalctl -u tabcell -o cat", "was loaded from the shipped code")
	c.mustRun("cd /media/usb/tabcell && printf x >> tabcell_1.0.0-1_amd64.deb")
	if text, err := c.shell("cd /media/usb/tabcell && sha256sum --check --ignore-missing SHA256SUMS"); err == nil {
		t.Errorf("a changed package was not noticed:\n%s", text)
	}
	c.mustRun("cd /media/usb/tabcell && sha256sum *.deb > SHA256SUMS")
	if text, err := c.shell("cd /media/usb/tabcell && minisign -Vm SHA256SUMS -p tabcell.pub"); err == nil {
		t.Errorf("changed digests were not noticed:\n%s", text)
	}
}

// mustRun runs a command that must succeed.
func (c container) mustRun(command string) {
	c.t.Helper()
	if text, err := c.shell(command); err != nil {
		c.t.Fatalf("%s: %v\n%s", command, err, text)
	}
}

// packagesWithCode returns the packages for Debian with those of compiled code, by name. The code is
// that of TABCELL_INSTALL_CODE, or else of the core guest, compiled here.
func packagesWithCode(t *testing.T) map[string]string {
	t.Helper()
	if os.Getenv("TABCELL_INSTALL_CODE") != "" {
		return builtPackages(t).first
	}
	o, err := installOptions()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	o.Code, o.Out, o.Formats = filepath.Join(dir, "tabcell-code"), dir, []string{"deb"}
	warm := exec.Command(o.Program, "warm", "--guest", "core", "--into", o.Code)
	if cache := os.Getenv("TABCELL_TEST_CACHE"); cache != "" {
		warm.Args = append(warm.Args, "--cache-dir", cache)
	}
	warm.Env = append(os.Environ(), "TZ=UTC")
	if text, err := warm.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	written, err := Build(o)
	if err != nil {
		t.Fatal(err)
	}
	return byName(written)
}
