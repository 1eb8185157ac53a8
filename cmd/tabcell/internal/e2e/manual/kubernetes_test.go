//go:build kubernetes && linux

package manual

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/certs/certtest"
	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/cmd/tabcell/internal/e2e/kubernetes"
	"tabcell/cmd/tabcell/internal/testenv"
)

// smallValues fit the pods of the sessions into a small machine, and let them start at once.
const smallValues = `image: {compiledCode: true}
limits: {concurrency: 1, memoryLimitMB: 256, modelsMB: 64, bufferMB: 64, guest: core}
resources: {requests: {cpu: 50m, memory: 256Mi}, limits: {memory: 1Gi}}
`

// TestKubernetes replays the sessions with kubectl and helm in a cluster, those of each page in a
// namespace of their own. The image is there already, instead of in a registry.
func TestKubernetes(t *testing.T) {
	c := kubernetes.Start(t)
	image := filepath.Join(harness.Release(t), "tabcell-"+releaseVersion+"-linux-amd64-docker.tar")
	c.ImportImage(image, "registry.example.com/tabcell:"+releaseVersion)
	c.AddVolumes(4)
	count := 0
	for _, d := range documents(t) {
		commands := d.hostCommands(t)
		if len(commands) == 0 {
			continue
		}
		count++
		s := newHostSession(t)
		s.within(c, fmt.Sprint("page", count))
		for _, command := range commands {
			s.replay(command.replace(strings.NewReplacer("helm install ", "helm install --values small.yaml ", "tabcell user add ", "echo P@ssw0rd | tabcell user add ")))
		}
		if t.Failed() {
			t.Log(s.shell("kubectl get all; kubectl describe pods | tail -40"))
		}
	}
	if count < 2 {
		t.Errorf("only %d pages have sessions", count)
	}
}

// within makes the commands of a session run inside a cluster, in a new namespace. The session has
// the files that its commands name.
func (s *session) within(c *kubernetes.Cluster, namespace string) {
	s.t.Helper()
	s.prefix, s.env = c.Enter(s.dir), append(s.env, c.Environment()...)
	testenv.WriteFile(s.t, filepath.Join(s.dir, "small.yaml"), smallValues)
	s.replay(command{text: "kubectl create namespace " + namespace})
	s.replay(command{text: "kubectl config set-context --current --namespace " + namespace})
	issued := certtest.Issue(s.t, "tabcell", nil, certtest.ForHosts("tabcell"))
	testenv.WriteFile(s.t, filepath.Join(s.dir, "server.crt"), issued.CertPEM())
	testenv.WriteFile(s.t, filepath.Join(s.dir, "server.key"), issued.KeyPEM())
}
