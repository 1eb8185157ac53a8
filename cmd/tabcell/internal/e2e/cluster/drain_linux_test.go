//go:build cluster

package cluster

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/e2e/proxy"
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
		t.Logf("%s was ready again %.1f s after SIGTERM; %d requests so far, %d of them failed", n.name, took.Seconds(), succeeded.Load(), failed.Load())
		g.awaitVoters(3)
		time.Sleep(5 * time.Second) // HAProxy sees it, and nginx forgets its failure
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
