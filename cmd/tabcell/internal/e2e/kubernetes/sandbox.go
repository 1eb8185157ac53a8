//go:build kubernetes && linux

package kubernetes

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/testenv"
)

// Addresses inside the sandbox. The machine is the gateway of the pods and their DNS server.
const (
	machineAddress = "10.244.0.1"
	podNetwork     = "10.244.0.0/24"
	serviceNetwork = "10.96.0.0/24"
)

// setup prepares the namespaces and waits until its standard input is closed. The folders /var and
// /run are private. The kubelet would set some parameters of the kernel for the whole host, so it
// finds its values there already. The veth pair keeps the bridge up while there are no pods.
const setup = `set -e
ip link set lo up
ip link add cni0 type bridge
ip address add ` + machineAddress + `/24 dev cni0
ip link add up0 type veth peer name up1
ip link set up0 master cni0 up
ip link set up1 up
ip link set cni0 up
ip route add default dev cni0
echo 1 > /proc/sys/net/ipv4/ip_forward
echo 1 > /proc/sys/net/bridge/bridge-nf-call-iptables
for file in vm/overcommit_memory=1 vm/panic_on_oom=0 kernel/panic=10 kernel/panic_on_oops=1 \
	kernel/keys/root_maxkeys=1000000 kernel/keys/root_maxbytes=25000000; do
	value=$1/sys-$(echo "$file" | tr /= --)
	echo "${file#*=}" > "$value"
	mount --bind "$value" "/proc/sys/${file%=*}"
done
mount --bind "$1/var" /var
mount --bind "$1/run" /run
echo ready
read -r end || true
`

// sandbox is a set of namespaces. Its first process ends with the test, and the kernel then ends the
// others and undoes their mounts.
type sandbox struct {
	dir     string // of the private folders
	process *exec.Cmd
	stdin   io.Closer
	pid     string // of the first process, as the host sees it
	cgroup  string // path below each controller
}

// newSandbox starts the first process. Its files are below dir.
func newSandbox(t testing.TB, dir string) *sandbox {
	t.Helper()
	for _, name := range []string{"var/lib", "var/log", "var/tmp", "run"} {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("/run", filepath.Join(dir, "var/run")); err != nil {
		t.Fatal(err)
	}
	messages := testenv.NewOutput()
	s := &sandbox{dir: dir, cgroup: fmt.Sprintf("tabcell-test-%d", os.Getpid())}
	s.process = exec.Command("unshare", "--net", "--pid", "--mount", "--mount-proc", "--fork", "--kill-child", "sh", "-c", setup, "sh", dir)
	s.process.Stderr = messages
	stdin, err := s.process.StdinPipe()
	out, err2 := s.process.StdoutPipe()
	if err := errors.Join(err, err2, s.process.Start()); err != nil {
		t.Fatal(err)
	}
	s.stdin = stdin
	t.Cleanup(func() { s.close(t) })
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "ready\n" {
		t.Fatalf("the namespaces cannot be set up: %v\n%s%s", err, line, messages)
	}
	children := fmt.Sprintf("/proc/%d/task/%[1]d/children", s.process.Process.Pid)
	s.pid = strings.TrimSpace(testenv.ReadFile(t, children))
	s.makeCgroups(t)
	return s
}

// enter returns the program, with its arguments, that runs a command inside, in the folder dir.
func (s *sandbox) enter(dir string) []string {
	return []string{"nsenter", "--target=" + s.pid, "--net", "--pid", "--mount", "--wd=" + dir, "--"}
}

// makeCgroups makes the control group of the pods, with all processors and all memory.
func (s *sandbox) makeCgroups(t testing.TB) {
	t.Helper()
	for _, folder := range s.cgroups(t) {
		if err := os.Mkdir(folder, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
			t.Fatal(err)
		}
		for _, file := range []string{"cpuset.cpus", "cpuset.mems"} { // empty at first
			all, err := os.ReadFile(filepath.Join(filepath.Dir(folder), file))
			if err == nil {
				_ = os.WriteFile(filepath.Join(folder, file), all, 0o644) // the kubelet reports what is missing
			}
		}
		// Without a weight, all pods together would get as much as a single other process of the host.
		for file, weight := range map[string]string{"cpu.shares": "65536", "cpu.weight": "6400"} {
			if _, err := os.Stat(filepath.Join(folder, file)); err != nil {
				continue // another hierarchy
			}
			if err := os.WriteFile(filepath.Join(folder, file), []byte(weight), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// cgroups returns the folder of the pods' control group in each hierarchy.
func (s *sandbox) cgroups(t testing.TB) (all []string) {
	t.Helper()
	if _, err := os.Stat("/sys/fs/cgroup/cgroup.controllers"); err == nil { // version 2
		return []string{filepath.Join("/sys/fs/cgroup", s.cgroup)}
	}
	hierarchies, err := os.ReadDir("/sys/fs/cgroup")
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range hierarchies {
		if h.IsDir() {
			all = append(all, filepath.Join("/sys/fs/cgroup", h.Name(), s.cgroup))
		}
	}
	return all
}

// close ends all processes and removes their control groups.
func (s *sandbox) close(t testing.TB) {
	_ = s.stdin.Close()
	_ = s.process.Wait() // the status of a shell whose input ended
	for _, folder := range s.cgroups(t) {
		var groups []string
		_ = filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() {
				groups = append(groups, path)
			}
			return nil
		})
		for i := len(groups) - 1; i >= 0; i-- {
			if err := os.Remove(groups[i]); err != nil {
				t.Errorf("the control group remains: %v", err)
			}
		}
	}
}
