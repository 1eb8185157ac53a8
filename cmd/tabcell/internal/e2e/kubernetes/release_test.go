//go:build kubernetes && linux

package kubernetes

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/cmd/tabcell/internal/testenv"
)

// repository is that of the image in the cluster. Nothing is pulled from there.
const repository = "registry.example.com/tabcell"

// values are those of all installations here. They fit five pods into a small machine.
const values = `image: {repository: ` + repository + `, tag: "1-code"}
auth: {passwordSecret: {name: accounts}}
limits: {concurrency: 1, memoryLimitMB: 256, modelsMB: 64, bufferMB: 64, guest: core}
resources: {requests: {cpu: 50m, memory: 256Mi}, limits: {memory: 1Gi}}
persistence: {size: 1Gi}
`

// newInstallation starts a cluster with the image, the password of the account tableau, and the
// namespace of useNamespace.
func newInstallation(t *testing.T) *Cluster {
	t.Helper()
	c := Start(t)
	image := filepath.Join(harness.Release(t), "tabcell-"+harness.ReleaseVersion+"-linux-amd64-docker.tar")
	c.ImportImage(image, repository+":1")
	c.useNamespace()
	c.Run("echo P@ssw0rd | ./tabcell user add tableau -f passwd")
	c.Run("kubectl create secret generic accounts --from-file=passwd")
	return c
}

// useNamespace makes a namespace that admits only pods with few rights, and warns about objects that
// would make others. It becomes the default one.
func (c *Cluster) useNamespace() {
	c.t.Helper()
	const level = "pod-security.kubernetes.io/enforce=restricted pod-security.kubernetes.io/warn=restricted"
	c.Run("kubectl create namespace analytics")
	c.Run("kubectl label namespace analytics " + level)
	c.Run("kubectl config set-context --current --namespace analytics")
	c.write("values.yaml", values)
}

// chart is the folder of the chart.
func chart() string { return testenv.File("assets/install/helm/tabcell") }

// helm installs or upgrades the release tabcell.
func (c *Cluster) helm(command, more string) {
	c.t.Helper()
	c.Run(fmt.Sprintf("helm %s tabcell %s --values values.yaml %s", command, chart(), more))
}

// request sends a request to a server and returns the response.
func (c *Cluster) request(address, path, body string) (string, error) {
	out, err := c.Try(fmt.Sprintf("curl -sS --fail-with-body --max-time 20 -u tableau:P@ssw0rd 'http://%s:9004%s' --data-binary '%s'", address, path, body))
	return out, failure(out, err)
}

// query checks that a server has version n of the endpoint number, which returns [n].
func (c *Cluster) query(address string, n int) error {
	out, err := c.request(address, "/query/number", `{"data": {"x": [1]}}`)
	if err != nil {
		return err
	}
	var response struct{ Response []int }
	if err := json.Unmarshal([]byte(out), &response); err != nil || len(response.Response) != 1 || response.Response[0] != n {
		return fmt.Errorf("the response is %s, want [%d] (%v)", out, n, err)
	}
	return nil
}

// deploy deploys version n of the endpoint number through the service.
func (c *Cluster) deploy(n int) {
	c.t.Helper()
	if out, err := c.request(c.service(), "/endpoints/number/source?function=number", fmt.Sprintf("def number(x): return [%d]", n)); err != nil {
		c.t.Fatalf("version %d cannot be deployed: %v\n%s", n, err, out)
	}
}

// service returns the address of the service.
func (c *Cluster) service() string {
	c.t.Helper()
	return c.Run("kubectl get service tabcell -o jsonpath={.spec.clusterIP}")
}

// pods returns the addresses of the running pods that answer requests, by name.
func (c *Cluster) pods() map[string]string {
	c.t.Helper()
	all := map[string]string{}
	list := c.Run("kubectl get pods -l app.kubernetes.io/part-of=tabcell --field-selector status.phase=Running " +
		`-o jsonpath='{range .items[*]}{.metadata.name} {.status.podIP} {.metadata.deletionTimestamp}{"\n"}{end}'`)
	for line := range strings.Lines(list) {
		if f := strings.Fields(line); len(f) == 2 { // the third one is there if the pod is being deleted
			all[f[0]] = f[1]
		}
	}
	return all
}
