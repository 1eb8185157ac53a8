//go:build image

package image

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// container is a process in the files of an image.
type container struct {
	t      *testing.T
	root   string // folder of the files
	config v1.Config
	env    []string
	cmd    *exec.Cmd
	log    *output
}

// newContainer builds an image and unpacks it.
func newContainer(t *testing.T, o Options) *container {
	t.Helper()
	files := build(t, o)
	img, err := tarball.ImageFromPath(files[len(files)-1], nil)
	if err != nil {
		t.Fatal(err)
	}
	file, err := img.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	c := &container{t: t, root: filepath.Join(t.TempDir(), "root"), config: file.Config, log: &output{}}
	if err := unpackOwned(img, c.root); err != nil {
		t.Fatal(err)
	}
	return c
}

// unpackOwned unpacks the files of an image with their modes and owners.
func unpackOwned(img v1.Image, dir string) error {
	flat := mutate.Extract(img)
	if err := errors.Join(os.Mkdir(dir, 0o755), unpack(flat, dir), flat.Close()); err != nil {
		return err
	}
	flat = mutate.Extract(img)
	defer flat.Close()
	for in := tar.NewReader(flat); ; {
		h, err := in.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		path := filepath.Join(dir, h.Name) // which unpack has checked
		if err := errors.Join(os.Chown(path, h.Uid, h.Gid), os.Chmod(path, h.FileInfo().Mode())); err != nil {
			return err
		}
	}
}

// start starts the command of the image with more variables, and returns the URL of the server.
func (c *container) start(environ ...string) string {
	c.t.Helper()
	var mounts strings.Builder
	fmt.Fprintf(&mounts, "set -e\nmount --bind %[1]s %[1]s\nmount -o remount,bind,ro %[1]s\nmount -t proc proc %[1]s/proc\n", c.root)
	for volume := range c.config.Volumes { // with the owner that volumes have in Kubernetes
		fmt.Fprintf(&mounts, "mount -t tmpfs -o uid=0,gid=%d,mode=2775 tmpfs %s\n", userID, c.root+volume)
	}
	c.env = append(c.config.Env, environ...)
	c.cmd = exec.Command("unshare", "--mount", "sh", "-c", mounts.String()+`exec "$@"`, "sh")
	c.cmd.Args = append(c.cmd.Args, c.inside(append(c.config.Entrypoint, c.config.Cmd...)...)...)
	c.cmd.Stdout, c.cmd.Stderr = c.log, c.log
	if err := c.cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { _ = c.cmd.Process.Kill() })
	for _, variable := range environ {
		if port, ok := strings.CutPrefix(variable, "TABCELL_PORT="); ok {
			return "http://127.0.0.1:" + port
		}
	}
	return ""
}

// inside returns the command line that runs a command in the files of the image, as its user.
func (c *container) inside(command ...string) []string {
	line := append([]string{"env", "-i"}, c.env...)
	return append(append(line, "/usr/sbin/chroot", "--userspec="+c.config.User, "--groups=", c.root), command...)
}

// exec runs the program beside the server, as "docker exec" does.
func (c *container) exec(args ...string) (string, error) {
	return c.command(c.inside(append(c.config.Entrypoint, args...)...)...)
}

// command runs a command that sees the volumes of the server while it runs.
func (c *container) command(line ...string) (string, error) {
	if c.cmd.ProcessState == nil {
		line = append([]string{"nsenter", "--mount", fmt.Sprintf("--target=%d", c.cmd.Process.Pid)}, line...)
	}
	out, err := exec.Command(line[0], line[1:]...).CombinedOutput()
	return string(out), err
}

// waitHealthy runs the health check of the image until it passes.
func (c *container) waitHealthy() {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	for {
		out, err := c.exec(c.config.Healthcheck.Test[2:]...)
		if err == nil {
			return
		}
		select {
		case <-ctx.Done():
			c.t.Fatalf("the health check does not pass: %s\n%s", out, c.log)
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// stop sends the signal of the image and waits for the end.
func (c *container) stop() {
	c.t.Helper()
	if c.config.StopSignal != "SIGTERM" {
		c.t.Errorf("the image is stopped with %s", c.config.StopSignal)
	}
	if err := errors.Join(c.cmd.Process.Signal(syscall.SIGTERM), c.cmd.Wait()); err != nil {
		c.t.Errorf("the server ended with %v\n%s", err, c.log)
	}
}

// output collects the log of the server. It is safe for concurrent use.
type output struct {
	mu   sync.Mutex
	text strings.Builder
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}
