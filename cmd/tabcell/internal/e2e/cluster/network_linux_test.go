//go:build cluster

package cluster

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// network has a namespace for each node, and one with a bridge between them and the test. Faults are
// between nodes only: the test reaches all of them always.
type network struct {
	t      testing.TB
	hub    string // the namespace of the bridge
	places []place
	mends  [][]string // commands that end the current faults
}

// nowhere is a hardware address that no interface has: frames to it get lost.
const nowhere = "02:00:00:00:00:99"

// newNetwork returns a network for n nodes that lives as long as the test. Without the means for it,
// it returns nil after a message with the reason.
func newNetwork(t testing.TB, n int) *network {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Log("network faults and full disks are left out: they need root")
		return nil
	}
	for _, program := range []string{"ip", "tc"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Logf("network faults and full disks are left out: install iproute2 (%v)", err)
			return nil
		}
	}
	removeLeftovers()
	net := &network{t: t, hub: fmt.Sprintf("tabcell-%d-hub", os.Getpid())}
	if out, err := exec.Command("ip", "netns", "add", net.hub).CombinedOutput(); err != nil {
		t.Logf("network faults and full disks are left out: ip netns add: %v: %s", err, out)
		return nil
	}
	t.Cleanup(removeOwn)
	net.build(n)
	return net
}

// build adds the bridge, the test's end of it, and a namespace for each node.
func (net *network) build(n int) {
	subnet := fmt.Sprintf("198.18.%d.", os.Getpid()%250) // 198.18.0.0/15 is for tests of networks
	outside := fmt.Sprintf("tabcell%d", os.Getpid())
	net.run("ip", "-n", net.hub, "link", "add", "bridge", "type", "bridge")
	net.run("ip", "-n", net.hub, "link", "set", "bridge", "up")
	net.run("ip", "-n", net.hub, "link", "add", "outside", "type", "veth", "peer", "name", outside, "netns", strconv.Itoa(os.Getpid()))
	net.run("ip", "-n", net.hub, "link", "set", "outside", "master", "bridge", "up")
	net.run("ip", "address", "add", subnet+"1/24", "dev", outside)
	net.run("ip", "link", "set", outside, "up")
	for i := range n {
		at := place{host: subnet + strconv.Itoa(11+i), space: fmt.Sprintf("tabcell-%d-%d", os.Getpid(), i+1)}
		port := "port" + strconv.Itoa(i+1)
		net.run("ip", "netns", "add", at.space)
		net.run("ip", "-n", net.hub, "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", at.space)
		net.run("ip", "-n", net.hub, "link", "set", port, "master", "bridge", "up")
		net.run("ip", "-n", at.space, "address", "add", at.host+"/24", "dev", "eth0")
		net.run("ip", "-n", at.space, "link", "set", "lo", "up")
		net.run("ip", "-n", at.space, "link", "set", "eth0", "up")
		net.places = append(net.places, at)
	}
}

// run runs a command. The test fails if the command does.
func (net *network) run(args ...string) {
	net.t.Helper()
	if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
		net.t.Fatalf("%s: %v: %s", strings.Join(args, " "), err, out)
	}
}

// cut loses all packets from one node to another, in this direction only.
func (net *network) cut(from, to *node) {
	host, _, _ := strings.Cut(to.address, ":")
	net.run("ip", "-n", from.space, "neighbour", "replace", host, "lladdr", nowhere, "nud", "permanent", "dev", "eth0")
	net.mends = append(net.mends, []string{"ip", "-n", from.space, "neighbour", "delete", host, "dev", "eth0"})
}

// slow gives a node a link of 256 kbit/s with a queue of half a second, which loses what does not fit.
func (net *network) slow(n *node) {
	net.run("tc", "-n", n.space, "qdisc", "replace", "dev", "eth0", "root", "tbf", "rate", "256kbit", "burst", "4kb", "latency", "500ms")
	net.mends = append(net.mends, []string{"tc", "-n", n.space, "qdisc", "delete", "dev", "eth0", "root"})
}

// mend ends all faults.
func (net *network) mend() {
	for _, command := range net.mends {
		net.run(command...)
	}
	net.mends = nil
}

// removeOwn removes the namespaces of this process. Their interfaces and the bridge go with them.
func removeOwn() { removeSpaces(func(pid int) bool { return pid == os.Getpid() }) }

// removeLeftovers removes the namespaces of runs that were killed.
func removeLeftovers() {
	removeSpaces(func(pid int) bool { return syscall.Kill(pid, 0) == syscall.ESRCH })
}

func removeSpaces(of func(pid int) bool) {
	out, _ := exec.Command("ip", "netns", "list").Output()
	for line := range strings.Lines(string(out)) {
		name, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		parts := strings.Split(name, "-")
		if len(parts) != 3 || parts[0] != "tabcell" {
			continue
		}
		if pid, err := strconv.Atoi(parts[1]); err == nil && of(pid) {
			_ = exec.Command("ip", "netns", "delete", name).Run()
		}
	}
}
