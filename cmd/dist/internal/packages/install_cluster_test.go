//go:build install && linux

package packages

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestClusterHosts replays the manual's session that makes a cluster of two hosts, each with a systemd
// of its own and the packages for Debian, and a network between them.
func TestClusterHosts(t *testing.T) {
	for _, program := range []string{"systemd-nspawn", "ip"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not installed (Debian's packages systemd-container and iproute2)", program)
		}
	}
	commands := hostCommands(t)
	spaces, packages := connect(t, "10.0.0.11/24", "10.0.0.12/24"), packagesWithCode(t)
	var hosts []container
	for _, space := range spaces {
		h := newRoot(t)
		h.add(packages["tabcell.deb"], "/srv")
		h.add(packages["tabcell-code.deb"], "/srv")
		h.add(writeFile(t, "core.conf", "[Service]\nEnvironment=TABCELL_GUEST=core\n"), "/etc/systemd/system/tabcell.service.d")
		c := h.boot("--network-namespace-path=/run/netns/" + space)
		c.mustRun("dpkg -i *.deb && systemctl start tabcell")
		hosts = append(hosts, c)
	}
	at, token := hosts[0], ""
	at.mustRun(deployDouble)
	for _, command := range commands {
		if strings.Contains(command.text, "tabcell cluster join ") {
			at = hosts[1]
		}
		got, err := at.shellWith(token, command.text)
		at.compare(command, got, err)
		if strings.HasPrefix(command.text, "tabcell cluster token ") {
			token = got
		}
	}
	if at.leader != hosts[1].leader || token == "" {
		t.Error("the second host has not joined the cluster")
	}
	at.await("curl -sS localhost:9004/query/double -d '{\"data\": {\"x\": [4]}}'", `"response": [8]`)
}

// deployDouble deploys an endpoint.
const deployDouble = "curl -sSf 'localhost:9004/endpoints/double/source?function=double' --data-binary 'def double(x): return [2 * v for v in x]'"

// connect makes two network namespaces with the given addresses and a link between them, until the
// end of the test, and returns their names.
func connect(t *testing.T, first, second string) []string {
	t.Helper()
	names := []string{fmt.Sprintf("tabcell-%d-a", os.Getpid()), fmt.Sprintf("tabcell-%d-b", os.Getpid())}
	run := func(args ...string) {
		t.Helper()
		if text, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
			t.Fatalf("ip %s: %v: %s", strings.Join(args, " "), err, text)
		}
	}
	for _, name := range names {
		if text, err := exec.Command("ip", "netns", "add", name).CombinedOutput(); err != nil {
			t.Skipf("this host permits no network namespaces: %v: %s", err, text)
		}
		t.Cleanup(func() { run("netns", "delete", name) })
	}
	run("-n", names[0], "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", names[1])
	for i, address := range []string{first, second} {
		run("-n", names[i], "address", "add", address, "dev", "eth0")
		run("-n", names[i], "link", "set", "lo", "up")
		run("-n", names[i], "link", "set", "eth0", "up")
	}
	return names
}
