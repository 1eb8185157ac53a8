//go:build linux && (amd64 || arm64)

package confine

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// portsVariable makes the test binary a program that confines itself as a server whose grants name
// one port and one folder. Its value is that port, and another one.
const portsVariable = "TABCELL_TEST_PORTS"

// TestGrantedPorts takes over a server with grants: only the granted port and folder remain, and no
// other kind of socket.
func TestGrantedPorts(t *testing.T) {
	if support := Support(); !support.Up[Ports] || !support.Up[SystemCalls] {
		t.Skip(support.Reasons)
	}
	dir := t.TempDir()
	for _, name := range []string{"granted", "other"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	granted, other := listen(t), listen(t)
	child := exec.Command(os.Args[0], "-test.run=^TestGrantedPortsChild$", "-test.v")
	child.Dir = dir
	child.Env = append(os.Environ(), portsVariable+"="+granted+","+other)
	out, err := child.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	for _, want := range []string{
		"done granted port", "done granted file", "refused other port", "refused other file", "refused listening", "refused netlink", "refused packets",
		"refused program", "wall: reads granted true, other false; connects granted true, other false",
	} {
		if !strings.Contains(string(out), want+"\n") {
			t.Errorf("want %q in\n%s", want, out)
		}
	}
}

// listen listens until the end of the test, and returns the port.
func listen(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// TestGrantedPortsChild is the confined process.
func TestGrantedPortsChild(t *testing.T) {
	granted, other, ok := strings.Cut(os.Getenv(portsVariable), ",")
	if !ok {
		t.Skip("runs in a process of TestGrantedPorts only")
	}
	number := func(port string) uint16 { n, _ := strconv.ParseUint(port, 10, 16); return uint16(n) }
	wall, err := Build(Require, Plan{Read: []string{"granted", "/proc/self"}, Connect: []uint16{number(granted)}, Sockets: true, NeedPorts: true})
	if err == nil {
		err = wall.Seal()
	}
	if err != nil {
		t.Fatal(err)
	}
	connect := func(port string) error {
		c, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err == nil {
			err = c.Close()
		}
		return err
	}
	for name, err := range map[string]error{
		"granted port": connect(granted), "other port": connect(other), "granted file": open("granted"), "other file": open("other"),
		"listening": func() error { _, err := net.Listen("tcp", "127.0.0.1:0"); return err }(),
		"netlink":   socket(unix.AF_NETLINK, unix.SOCK_RAW), "packets": socket(unix.AF_PACKET, unix.SOCK_RAW), "program": exec.Command("/bin/true").Run(),
	} {
		if err == nil {
			os.Stdout.WriteString("done " + name + "\n")
		} else {
			os.Stdout.WriteString("refused " + name + "\n")
		}
	}
	os.Stdout.WriteString("wall: reads granted " + strconv.FormatBool(wall.Reads("granted")) + ", other " + strconv.FormatBool(wall.Reads("other")) +
		"; connects granted " + strconv.FormatBool(wall.Connects(number(granted))) + ", other " + strconv.FormatBool(wall.Connects(number(other))) + "\n")
}

func open(path string) error {
	f, err := os.Open(path)
	if err == nil {
		err = f.Close()
	}
	return err
}
