//go:build kubernetes && linux

package kubernetes

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"tabcell/cmd/tabcell/internal/testenv"
)

// kubernetesPrograms are the names of the executable that package programs is.
var kubernetesPrograms = []string{"kube-apiserver", "kube-controller-manager", "kube-proxy", "kube-scheduler", "kubelet", "kube-dns"}

// installed are the programs that must be on the host: those of Debian's packages containerd, runc,
// containernetworking-plugins, etcd-server, iptables, iproute2 and util-linux, and kubectl.
var installed = []string{"containerd", "ctr", "runc", "/usr/lib/cni/bridge", "etcd", "iptables", "ip", "unshare", "nsenter", "kubectl", "go"}

// requirePrograms skips the test if something that it needs is missing.
func requirePrograms(t testing.TB) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("a machine of Kubernetes needs root")
	}
	for _, name := range installed {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("the test needs %s: %v", name, err)
		}
	}
}

// programs returns a folder with the programs that are built, in the user's cache folder. Its name
// depends on their sources.
func programs(t testing.TB) string {
	t.Helper()
	source := testenv.File("cmd/tabcell/internal/e2e/kubernetes/programs")
	digest := sha256.New()
	for _, file := range []string{"go.mod", "go.sum", "main.go", "dns.go", "pause/main.go"} {
		digest.Write([]byte(testenv.ReadFile(t, filepath.Join(source, file))))
	}
	cache, err := testenv.BuiltPrograms()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(cache, fmt.Sprintf("kubernetes-%.6x", digest.Sum(nil)))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	buildProgram(t, source, filepath.Join(dir, "kubernetes"), ".", "-X=k8s.io/component-base/version.gitVersion="+version(t, source))
	buildProgram(t, source, filepath.Join(dir, "pause"), "./pause", "")
	for _, name := range kubernetesPrograms {
		if err := os.Symlink("kubernetes", filepath.Join(dir, name)); err != nil && !os.IsExist(err) {
			t.Fatal(err)
		}
	}
	return dir
}

// version returns that of Kubernetes in folder source. The programs report it, and helm compares it
// with the one that the chart needs.
func version(t testing.TB, source string) string {
	t.Helper()
	found := regexp.MustCompile(`(?m)^\s*k8s\.io/kubernetes (v\S+)`).FindStringSubmatch(testenv.ReadFile(t, filepath.Join(source, "go.mod")))
	if found == nil {
		t.Fatal("go.mod does not name k8s.io/kubernetes")
	}
	return found[1]
}

// buildProgram builds a package of folder source, unless the file is there.
func buildProgram(t testing.TB, source, file, pkg, linkerFlags string) {
	t.Helper()
	if _, err := os.Stat(file); err == nil {
		return
	}
	t.Logf("building %s, which takes minutes", filepath.Base(file))
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w "+linkerFlags, "-o", file, pkg)
	cmd.Dir, cmd.Env = source, append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
}
