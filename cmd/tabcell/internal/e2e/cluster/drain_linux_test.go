//go:build cluster

package cluster

import (
	"fmt"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/e2e/proxy"
	"tabcell/cmd/tabcell/internal/testenv"
)

// restartBehind restarts the nodes one after another, as an upgrade does, while clients use the
// balancer. No request may fail, not even those of a node that stops.
func (g *group) restartBehind(t *testing.T, b proxy.Balancer) {
	newThrough(t, b.Web, "127.0.0.2").send("PUT", "/endpoints/restarted/source", source(1))
	stop := make(chan struct{})
	var clients sync.WaitGroup
	var succeeded, failed atomic.Int32
	for i := range 4 {
		c := newThrough(t, b.Web, fmt.Sprintf("127.0.1.%d", i+1))
		clients.Go(func() {
			for turn := i; ; turn++ {
				select {
				case <-stop:
					return
				default:
				}
				if err := c.use(turn); err != nil {
					failed.Add(1)
					t.Error(err)
				}
				succeeded.Add(1)
			}
		})
	}
	for _, n := range g.nodes {
		took := n.restart()
		t.Logf("%s ended, and was ready %.1f s after its start; %d requests so far, %d of them failed", n.name, took.Seconds(), succeeded.Load(), failed.Load())
		g.awaitVoters(3)
		time.Sleep(testenv.Scaled(5 * time.Second)) // HAProxy sees it, and nginx forgets its failure
	}
	close(stop)
	clients.Wait()
	if succeeded.Load() < 30 {
		t.Errorf("there were %d requests only", succeeded.Load())
	}
}

// use sends a script that takes a moment, or a query.
func (c *through) use(turn int) error {
	path, body := "/query/restarted", `{"data": {"x": 1}}`
	if turn%2 == 0 {
		path, body = "/evaluate", `{"script": "import time\ntime.sleep(0.1)\nreturn _arg1", "data": {"_arg1": [3]}}`
	}
	if status, text := c.send("POST", path, body); status != 200 {
		return fmt.Errorf("%v: %s: status %d: %s", time.Now().Format(time.TimeOnly), path, status, text)
	}
	return nil
}

// drainTime is how long a node accepts requests after SIGTERM, as the manual says.
const drainTime = 5 * time.Second

// TestDrain stops a node. It is not ready any more, but accepts requests for a while, so that no load
// balancer sends one in vain.
func TestDrain(t *testing.T) {
	g := newGroup(t, 3, t.TempDir())
	g.form()
	n := g.leader()
	began, served := time.Now(), 0
	if err := n.process.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the node is not ready", func() error {
		if status, body := n.send("GET", "/health/ready", ""); status != 503 {
			return fmt.Errorf("status %d: %s", status, body)
		}
		return nil
	})
	for {
		status, body := n.send("POST", "/evaluate", `{"script": "return _arg1", "data": {"_arg1": [3]}}`)
		if status == 0 { // the port is closed
			break
		}
		if status != 200 {
			t.Fatalf("%v after SIGTERM: status %d: %s", time.Since(began), status, body)
		}
		served++
	}
	if took := time.Since(began); took < drainTime || served == 0 {
		t.Errorf("the node accepted requests for %v after SIGTERM, %d of them; want %v", took, served, drainTime)
	}
	n.awaitEnd(syscall.SIGTERM)
	if g.leader() == n {
		t.Error("the node still leads")
	}
}
