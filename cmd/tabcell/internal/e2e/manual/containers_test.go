//go:build containers && linux

package manual

import (
	"errors"
	"io"
	"log"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/testenv"

	"github.com/google/go-containerregistry/pkg/registry"
)

// TestContainers replays the sessions with containers. docker is podman, with storage of its own. It
// needs root.
func TestContainers(t *testing.T) {
	needs(t, "podman", "runc")
	if os.Geteuid() != 0 {
		t.Skip("publishing the port of a container as the manual does needs root")
	}
	s := newHostSession(t)
	etc := filepath.Join(s.dir, "etc")
	s.preparePodman()
	s.preparePasswords(etc)
	mapped := strings.NewReplacer("9004:9004", s.port+":9004", "localhost:9004", "localhost:"+s.port, "/srv/tabcell", etc)
	for _, c := range hostCommands(t) {
		c = c.replace(mapped)
		starts := strings.HasPrefix(c.text, "docker run ")
		if starts {
			s.replay(command{text: "docker rm -fa"}) // of an earlier session
		}
		s.replay(c)
		if starts {
			s.awaitReady(c.text)
		}
	}
}

// TestRegistry replays the session that puts the images into a registry. registry.example.com is one
// in this process.
func TestRegistry(t *testing.T) {
	needs(t, "skopeo")
	s := newHostSession(t)
	server := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	t.Cleanup(server.Close)
	address := server.Listener.Addr().String()
	folder := filepath.Join(s.dir, ".config", "containers")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	testenv.WriteFile(t, filepath.Join(folder, "registries.conf"), "[[registry]]\nlocation = \""+address+"\"\ninsecure = true\n")
	for _, c := range hostCommands(t) {
		s.replay(c.replace(strings.NewReplacer("registry.example.com", address)))
	}
	if out, err := s.shell("skopeo inspect --raw docker://" + address + "/tabcell:" + releaseVersion); err != nil || !strings.Contains(out, `"amd64"`) {
		t.Errorf("the registry does not have the image: %v\n%s", err, out)
	}
}

// preparePodman makes podman the session's docker. Containers have the limits of this process,
// which a container's may not exceed, and no health check, for which podman needs systemd.
func (s *session) preparePodman() {
	s.t.Helper()
	runtime, err := exec.LookPath("runc")
	if err != nil {
		s.t.Fatal(err)
	}
	conf := "[containers]\ndefault_ulimits = [\"nofile=1024:1024\", \"nproc=4096:4096\"]\n[engine]\ncgroup_manager = \"cgroupfs\"\nruntime = \"" + runtime + "\"\n" +
		"events_logger = \"file\"\n[network]\nnetwork_backend = \"netavark\"\n"
	testenv.WriteFile(s.t, filepath.Join(s.dir, "containers.conf"), conf)
	storage := filepath.Join(s.dir, "containers")
	script := "#!/bin/sh\nexec podman --root " + storage + "/root --runroot " + storage + "/run \"$@\"\n"
	docker := filepath.Join(s.dir, "bin", "docker")
	if err := errors.Join(os.Mkdir(filepath.Dir(docker), 0o755), os.WriteFile(docker, []byte(script), 0o755)); err != nil {
		s.t.Fatal(err)
	}
	s.env = append(s.env, "PATH="+filepath.Dir(docker)+":"+os.Getenv("PATH"), "CONTAINERS_CONF="+filepath.Join(s.dir, "containers.conf"))
	s.t.Cleanup(func() { // files of the containers' users would stop the removal of the folder
		if out, err := s.shell("docker rm -fa; docker system reset -f"); err != nil {
			s.t.Errorf("%v\n%s", err, out)
		}
	})
}

// preparePasswords makes a password file that the user of the image can read.
func (s *session) preparePasswords(dir string) {
	s.t.Helper()
	if err := os.Mkdir(dir, 0o755); err != nil {
		s.t.Fatal(err)
	}
	s.replay(command{text: "echo P@ssw0rd | tabcell user add tableau -f " + dir + "/passwd && chown 65532 " + dir + "/passwd"})
}

// awaitReady waits until the server in a container is ready. It compiles Python first.
func (s *session) awaitReady(text string) {
	s.t.Helper()
	limit := testenv.Scaled(10 * time.Minute)
	for deadline := time.Now().Add(limit); !s.ready(); time.Sleep(time.Second) {
		if time.Now().After(deadline) {
			out, _ := s.shell("docker ps -a; docker logs --latest")
			s.t.Fatalf("$ %s: not ready after %v:\n%s", text, limit, out)
		}
	}
}
