//go:build helm

package helm

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/settings"
)

// The pods of a cluster find and reach each other, and nobody else reaches the port of the cluster.
func TestCluster(t *testing.T) {
	objects := render(t, withPasswords, "cluster.enabled=true", `cluster.workers={"min":2,"max":9}`)
	voters, workers := objects["StatefulSet release-tabcell"], objects["Deployment release-tabcell-worker"]
	if at(voters, "spec", "replicas") != 3 || at(voters, "spec", "serviceName") != "release-tabcell-nodes" || at(workers, "spec", "replicas") != nil {
		t.Errorf("the numbers of pods are those of %v and %v", voters, workers)
	}
	for role, set := range map[string]object{"token": voters, "worker-token": workers} {
		c := at(set, "spec", "template", "spec", "containers", 0).(object)
		checkNode(t, environment(c), role)
		if set := at(set, "spec", "selector", "matchLabels"); fmt.Sprint(set) == fmt.Sprint(at(objects["Service release-tabcell"], "spec", "selector")) {
			t.Errorf("the service has the pods of %s alone", role)
		}
		for name, value := range at(objects["Service release-tabcell"], "spec", "selector").(object) {
			if at(set, "spec", "template", "metadata", "labels", name) != value {
				t.Errorf("the service does not have the pods with the %s", role)
			}
		}
	}
	names := objects["Service release-tabcell-nodes"]
	if at(names, "spec", "clusterIP") != "None" || at(names, "spec", "publishNotReadyAddresses") != true {
		t.Errorf("pods that are not ready have no names: %v", names)
	}
	if at(objects["PodDisruptionBudget release-tabcell"], "spec", "maxUnavailable") != 1 {
		t.Error("more than one voter may be disrupted")
	}
	if at(objects["HorizontalPodAutoscaler"], "spec", "maxReplicas") != 9 || at(objects["HorizontalPodAutoscaler"], "spec", "scaleTargetRef", "name") != "release-tabcell-worker" {
		t.Errorf("the autoscaler is %v", objects["HorizontalPodAutoscaler"])
	}
	if at(voters, "spec", "template", "spec", "initContainers") != nil {
		t.Error("a pod without a volume begins a cluster of its own")
	}
	checkClusterPolicy(t, objects["NetworkPolicy"])
}

// checkNode checks the settings of a node.
func checkNode(t *testing.T, env map[string]string, token string) {
	t.Helper()
	for name, value := range env { // files of secrets
		if strings.HasPrefix(value, "/etc/tabcell/") {
			env[name] = filepath.Join(t.TempDir(), filepath.Base(value))
			testenv.WriteFile(t, env[name], "")
		}
	}
	loaded, err := settings.Load(settings.Sources{Environ: list(env)})
	if err != nil {
		t.Fatal(err)
	}
	c := loaded.Settings.Cluster
	if len(c.Members()) != 3 || c.Members()[1] != "release-tabcell-1.release-tabcell-nodes.default.svc:9005" || c.Voters != 3 || filepath.Base(c.TokenFile) != token {
		t.Errorf("the settings of the node are %+v", c)
	}
	if want := map[string]string{"token": c.Members()[1], "worker-token": "[10.1.2.3]:9005"}[token]; c.Advertised() != want {
		t.Errorf("the node is at %s, want %s", c.Advertised(), want)
	}
}

// checkClusterPolicy checks that the nodes may connect to each other, and to no other port.
func checkClusterPolicy(t *testing.T, policy object) {
	t.Helper()
	in, out := at(policy, "spec", "ingress", 1), at(policy, "spec", "egress", 0)
	pods := "[map[podSelector:map[matchLabels:map[app.kubernetes.io/instance:release app.kubernetes.io/part-of:tabcell]]]]"
	if at(in, "ports", 0, "port") != "cluster" || fmt.Sprint(at(in, "from")) != pods || at(out, "ports", 0, "port") != 9005 || fmt.Sprint(at(out, "to")) != pods {
		t.Errorf("the policy is %v", policy)
	}
}

// The first installation makes the first pod a node, with the settings of the server.
func TestBootstrap(t *testing.T) {
	set := render(t, withPasswords, "cluster.enabled=true", "cluster.bootstrap=true")["StatefulSet"]
	init := at(set, "spec", "template", "spec", "initContainers", 0)
	want := "[cluster init --only-on release-tabcell-0 --config /etc/tabcell/config/tabcell.conf]"
	if fmt.Sprint(at(init, "args")) != want || at(init, "securityContext", "readOnlyRootFilesystem") != true {
		t.Errorf("the first node is made by %v", init)
	}
	if fmt.Sprint(at(init, "env")) != fmt.Sprint(at(set, "spec", "template", "spec", "containers", 0, "env")) {
		t.Error("the first node has other settings than the server")
	}
}
