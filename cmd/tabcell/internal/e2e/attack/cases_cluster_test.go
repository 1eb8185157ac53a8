//go:build attack && linux

package attack

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/testenv"
)

// clusterAttacks use the port of a cluster, from hosts that are not its nodes.
var clusterAttacks = []attack{
	{name: "cluster port: idle connections, 200 addresses", configure: clusterNode, run: onExtra(func(ctx context.Context, _ *testing.T, v *victim) { idle(ctx, v, 5000, 200) })},
	{name: "cluster port: handshakes that stall", configure: clusterNode, run: onExtra(stalledHandshakes)},
	{name: "cluster port: handshakes, 16 at once", configure: clusterNode, run: onExtra(handshakes)},
	{name: "cluster port: join requests", configure: clusterNode, run: joinRequests(`{"secret": "` + strings.Repeat("x", 43) + `", "request": "x", "member": {}}`)},
	{name: "cluster port: join requests of 1 MB", configure: clusterNode, run: joinRequests(`{"secret": "` + strings.Repeat("x", 1<<20) + `"}`)},
}

// clusterNode makes the server a cluster of one node.
func clusterNode(t *testing.T, v *victim, env []string) []string {
	v.extra = fmt.Sprintf("127.0.0.1:%d", testenv.FreePort(t))
	settings := []string{"TABCELL_CLUSTER_LISTEN=" + v.extra, "TABCELL_CLUSTER_PATH=" + filepath.Join(t.TempDir(), "node")}
	begin := exec.Command("tabcell", "cluster", "init", "--advertise", v.extra, "--name", "node1")
	begin.Env = append(env, settings...)
	if out, err := begin.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return settings
}

// joinRequests returns an attack with requests to join the cluster, without a valid token.
func joinRequests(body string) func(context.Context, *testing.T, *victim) {
	return func(ctx context.Context, _ *testing.T, v *victim) {
		c := &http.Client{Transport: &http.Transport{
			DialContext: dialer(attackerAddress).DialContext, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true,
		}}
		defer c.CloseIdleConnections()
		repeatWithout(ctx, 64, func(ctx context.Context) {
			if r, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://"+v.extra+"/v1/join", bytes.NewReader([]byte(body))); err == nil {
				_, _ = status(c, r)
			}
		})
	}
}
