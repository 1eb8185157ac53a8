//go:build kubernetes && linux

package kubernetes

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/testenv"
)

// Cluster is a cluster with one machine.
type Cluster struct {
	t        testing.TB
	dir      string // of its files
	programs string // folder of the programs that were built
	bin      string // folder of kubectl and helm
	*sandbox
	volumes int // number of volumes
}

// Start starts a cluster that ends with the test. It skips the test if the host lacks a program.
func Start(t testing.TB) *Cluster {
	t.Helper()
	c := startWithoutMachine(t)
	c.startMachine()
	c.eventually("the machine is ready", func() error {
		out, err := c.Try("kubectl wait --for=condition=Ready node/" + machineName + " --timeout=5s")
		return failure(out, err)
	})
	return c
}

// startWithoutMachine starts a cluster whose pods stay pending.
func startWithoutMachine(t testing.TB) *Cluster {
	t.Helper()
	requirePrograms(t)
	dir := t.TempDir()
	c := &Cluster{t: t, dir: dir, programs: programs(t), bin: filepath.Join(dir, "bin"), sandbox: newSandbox(t, dir)}
	c.linkClients()
	c.startControlPlane()
	return c
}

// linkClients makes the folder with the programs for users.
func (c *Cluster) linkClients() {
	c.t.Helper()
	helm, err := testenv.Helm()
	if err != nil {
		c.t.Fatal(err)
	}
	kubectl, err := exec.LookPath("kubectl")
	if err := errors.Join(err, os.Mkdir(c.bin, 0o755), os.Symlink(helm, filepath.Join(c.bin, "helm")), os.Symlink(kubectl, filepath.Join(c.bin, "kubectl"))); err != nil {
		c.t.Fatal(err)
	}
}

// Environment returns the variables with which kubectl and helm find each other and the cluster.
func (c *Cluster) Environment() []string {
	return []string{"KUBECONFIG=" + c.path("kubeconfig"), "PATH=" + c.bin + ":" + os.Getenv("PATH")}
}

// Enter returns the program, with its arguments, that runs a command inside the sandbox, in the
// folder dir.
func (c *Cluster) Enter(dir string) []string { return c.enter(dir) }

// Try runs a command of the shell and returns everything that it prints.
func (c *Cluster) Try(text string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), testenv.Scaled(5*time.Minute))
	defer cancel()
	args := append(c.enter(c.dir), "sh", "-c", text)
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Env = append(os.Environ(), c.Environment()...)
	cmd.WaitDelay = testenv.Scaled(10 * time.Second)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// Run runs a command of the shell, which must succeed, and returns its output.
func (c *Cluster) Run(text string) string {
	c.t.Helper()
	out, err := c.Try(text)
	if err != nil {
		c.t.Fatalf("$ %s\n%v\n%s", text, err, out)
	}
	return strings.TrimSpace(out)
}

// Apply gives an object to the API server.
func (c *Cluster) Apply(object string) {
	c.t.Helper()
	file := c.write("object.yaml", object)
	c.Run("kubectl apply -f " + file)
}

// AddVolumes adds volumes of the machine's disk, which belong to the user of the image. Claims with
// the default class get them.
func (c *Cluster) AddVolumes(n int) {
	c.t.Helper()
	for range n {
		c.volumes++
		folder := c.path(fmt.Sprint("volume", c.volumes))
		if err := errors.Join(os.Mkdir(folder, 0o755), os.Chown(folder, 65532, 65532)); err != nil {
			c.t.Fatal(err)
		}
		c.Apply(fmt.Sprintf(volume, c.volumes, folder, machineName))
	}
}

const volume = `apiVersion: v1
kind: PersistentVolume
metadata: {name: volume%d}
spec:
  capacity: {storage: 10Gi}
  accessModes: [ReadWriteOnce]
  persistentVolumeReclaimPolicy: Retain
  local: {path: %q}
  nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [%s]}]}]}}
`

// eventually waits until check returns no error.
func (c *Cluster) eventually(what string, check func() error) {
	c.t.Helper()
	limit := testenv.Scaled(5 * time.Minute)
	for deadline := time.Now().Add(limit); ; time.Sleep(500 * time.Millisecond) {
		err := check()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			c.t.Fatalf("after %v: not yet that %s: %v", limit, what, err)
		}
	}
}

// failure adds the output of a command to its error.
func failure(out string, err error) error {
	if err != nil {
		err = fmt.Errorf("%w: %s", err, out)
	}
	return err
}

// path returns the path of a file of the cluster.
func (c *Cluster) path(name string) string { return filepath.Join(c.dir, name) }

// write writes a file of the cluster and returns its path.
func (c *Cluster) write(name, text string) string {
	c.t.Helper()
	testenv.WriteFile(c.t, c.path(name), text)
	return c.path(name)
}

// start starts a program inside. When the test fails, the end of its output is logged.
func (c *Cluster) start(program string, args ...string) {
	c.t.Helper()
	log, err := os.Create(c.path(filepath.Base(program) + ".log"))
	if err != nil {
		c.t.Fatal(err)
	}
	args = append(append(c.enter(c.dir), program), args...)
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() {
		_ = cmd.Process.Kill() // of nsenter; the program ends with the sandbox
		_ = cmd.Wait()
		if text := testenv.ReadFile(c.t, log.Name()); c.t.Failed() {
			c.t.Logf("%s: ...%s", program, text[max(0, len(text)-4000):])
		}
	})
}
