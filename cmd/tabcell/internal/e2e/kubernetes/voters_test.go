//go:build kubernetes && linux

package kubernetes

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestVoters installs three voters and a worker, with the commands of the chart's notes, and checks
// the purpose of a cluster: changes survive the loss of a pod, and of a volume; an upgrade and a
// deletion interrupt no query; and workers come and go.
func TestVoters(t *testing.T) {
	c := newInstallation(t)
	c.AddVolumes(4)
	c.helm("install", "--set cluster.enabled=true,cluster.bootstrap=true,cluster.workers.max=3")
	c.runNotes()
	c.rollout()
	c.members(3, 1)
	c.deploy(1)
	c.everywhere(1, 4)

	c.withoutFailure("an upgrade", func() {
		c.helm("upgrade", "--set cluster.enabled=true,cluster.workers.max=3,podLabels.upgraded=yes")
		c.rollout()
	})
	c.members(3, 1)

	c.withoutFailure("the deletion of the leader's pod", func() {
		c.Run("kubectl delete pod " + c.leader())
		c.rollout()
	})
	c.deploy(2)
	c.everywhere(2, 4)

	c.Run("kubectl delete pvc data-tabcell-2 --wait=false")
	c.Run("kubectl delete pod tabcell-2 --grace-period=0 --force")
	c.deploy(3) // without it
	c.eventually("the pod has another volume", func() error {
		out, err := c.Try("kubectl get pvc data-tabcell-2 -o jsonpath={.spec.volumeName} | grep volume4")
		return failure(out, err)
	})
	c.Run("kubectl exec tabcell-0 -c tabcell -- tabcell cluster remove tabcell-2")
	c.rollout()
	c.members(3, 1)
	c.everywhere(3, 4)

	c.helm("upgrade", "--set cluster.enabled=true,cluster.workers.min=2,cluster.workers.max=3,podLabels.upgraded=yes")
	c.eventually("the autoscaler adds a worker", func() error {
		out, err := c.Try("kubectl get deployment tabcell-worker -o jsonpath={.spec.replicas} | grep -x 2")
		return failure(out, err)
	})
	c.rollout()
	c.members(3, 2)
	c.everywhere(3, 5)

	c.helm("upgrade", "--set cluster.enabled=true,cluster.workers.min=1,cluster.workers.max=3,podLabels.upgraded=yes")
	c.withoutFailure("the end of a worker", func() {
		c.Run("kubectl scale deployment tabcell-worker --replicas 1")
		c.members(3, 1)
	})

	c.checkBudget()
	c.Run("helm test tabcell")
	c.Run("helm uninstall tabcell --wait")
	if left := c.Run("kubectl get pvc -o name | wc -l"); left != "3" {
		t.Errorf("%s claims of volumes remain, want those of 3 voters", left)
	}
}

var indented = regexp.MustCompile(`(?m)^  (\S.*(?:\n    .*)*)`)

// runNotes runs the commands of the notes that make the secret.
func (c *Cluster) runNotes() {
	c.t.Helper()
	var commands []string
	for _, m := range indented.FindAllStringSubmatch(c.Run("helm get notes tabcell"), -1) {
		if strings.HasPrefix(m[1], "node=") || strings.Contains(m[1], "create secret") {
			commands = append(commands, m[1])
		}
	}
	if len(commands) != 2 {
		c.t.Fatalf("the notes have the commands %q", commands)
	}
	c.eventually("the first pod answers", func() error {
		out, err := c.Try("kubectl exec tabcell-0 -c tabcell -- tabcell cluster status")
		return failure(out, err)
	})
	c.Run(strings.Join(commands, "\n"))
}

// rollout waits until all pods are ready.
func (c *Cluster) rollout() {
	c.t.Helper()
	for _, set := range []string{"statefulset/tabcell", "deployment/tabcell-worker"} {
		c.eventually(set+" is ready", func() error {
			out, err := c.Try("kubectl rollout status " + set + " --timeout=60s")
			if err != nil {
				more, _ := c.Try("kubectl get pods; kubectl get events --sort-by=.lastTimestamp | tail -5")
				out += more
			}
			return failure(out, err)
		})
	}
}

// status is the output of `tabcell cluster status --json`.
type status struct {
	Leader   string
	Majority bool
	Nodes    []struct {
		ID, Name, Address, Role string
	}
}

// status returns the state of the cluster, as one of the pods sees it.
func (c *Cluster) status() (s status, err error) {
	for pod := range c.pods() {
		var out string
		out, err = c.Try("kubectl exec " + pod + " -c tabcell -- tabcell cluster status --json 2>/dev/null")
		if err = json.Unmarshal([]byte(out), &s); err == nil {
			return s, nil
		}
		err = fmt.Errorf("%s: %w: %s", pod, err, out)
	}
	return s, err
}

// members waits until the cluster has these numbers of nodes. Voters have the names of their pods.
func (c *Cluster) members(voters, workers int) {
	c.t.Helper()
	c.eventually(fmt.Sprintf("there are %d voters and %d others", voters, workers), func() error {
		s, err := c.status()
		if err != nil {
			return err
		}
		var named, others int
		for _, n := range s.Nodes {
			if n.Role == "voter" && n.Address == n.Name+".tabcell-nodes.analytics.svc:9005" {
				named++
			} else if n.Role == "follower" && strings.HasPrefix(n.Address, "[10.244.0.") {
				others++
			}
		}
		if !s.Majority || named != voters || others != workers {
			return fmt.Errorf("%+v", s)
		}
		return nil
	})
}

// leader returns the name of the pod that leads.
func (c *Cluster) leader() (name string) {
	c.t.Helper()
	c.eventually("there is a leader", func() error {
		s, err := c.status()
		for _, n := range s.Nodes {
			if n.ID == s.Leader {
				name = n.Name
				return err
			}
		}
		return fmt.Errorf("%+v (%w)", s, err)
	})
	return name
}

// everywhere checks that each of n pods has version v of the endpoint.
func (c *Cluster) everywhere(v, n int) {
	c.t.Helper()
	c.eventually(fmt.Sprintf("%d pods have version %d", n, v), func() error {
		all := c.pods()
		if len(all) != n {
			return fmt.Errorf("there are the pods %v", all)
		}
		for name, address := range all {
			if err := c.query(address, v); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		return nil
	})
}

// withoutFailure sends queries through the service while something happens. None may fail.
func (c *Cluster) withoutFailure(what string, happens func()) {
	c.t.Helper()
	address, end, failed := c.service(), make(chan struct{}), make(chan error)
	go func() {
		var first error
		queries := 0
		for {
			select {
			case <-end:
				c.t.Logf("%d queries during %s", queries, what)
				failed <- first
				return
			case <-time.After(50 * time.Millisecond):
			}
			queries++
			if _, err := c.request(address, "/query/number", `{"data": {"x": [1]}}`); err != nil && first == nil {
				first = err
			}
		}
	}()
	happens()
	close(end)
	if err := <-failed; err != nil {
		c.t.Errorf("a query failed during %s: %v", what, err)
	}
}

// checkBudget checks that a second voter is not evicted while one is missing.
func (c *Cluster) checkBudget() {
	c.t.Helper()
	evict := `echo '{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"tabcell-%d"}}' |
		kubectl create --raw /api/v1/namespaces/analytics/pods/tabcell-%[1]d/eviction -f -`
	c.Run(fmt.Sprintf(evict, 1))
	if out, err := c.Try(fmt.Sprintf(evict, 0)); err == nil || !strings.Contains(out, "disruption budget") {
		c.t.Errorf("the second eviction: %v\n%s", err, out)
	}
	c.rollout()
	c.members(3, 1)
}
