package httpapi

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/rs/zerolog"
)

// newLimitedServer starts a server with limits of connections.
func newLimitedServer(t *testing.T, total, perAddress int) (addr string, log *syncBuffer) {
	log = &syncBuffer{}
	logger := zerolog.New(log)
	ctx := logger.WithContext(context.Background())
	cfg := DefaultConfig()
	cfg.MaxConnections, cfg.MaxConnectionsPerAddress = total, perAddress
	api := newTestServer(t, func(c *Config) {
		c.MaxConnections, c.MaxConnectionsPerAddress, c.Metrics = total, perAddress, true
	}).api
	server := NewServer(ctx, "", api, cfg)
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	limited := api.LimitConnections(ctx, server, tcp)
	done := make(chan error, 1)
	go func() { done <- Serve(server, limited) }()
	t.Cleanup(func() {
		_ = server.Close()
		<-done
	})
	return tcp.Addr().String(), log
}

// A server whose connections are used up by idle ones still answers.
func TestIdleConnectionsMakeRoom(t *testing.T) {
	for setting, limits := range map[string][2]int{"TABCELL_MAX_CONNECTIONS": {5, 100}, "TABCELL_MAX_CONNECTIONS_PER_ADDRESS": {100, 5}} {
		addr, log := newLimitedServer(t, limits[0], limits[1])
		var idle []net.Conn
		for range 50 {
			conn, err := net.Dial("tcp", addr)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			idle = append(idle, conn)
		}
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		for range 10 {
			r, err := client.Get("http://" + addr + "/info")
			if err != nil {
				t.Fatal(err)
			}
			r.Body.Close()
			if r.StatusCode != 200 {
				t.Errorf("status %d", r.StatusCode)
			}
		}
		for i, conn := range idle[:40] { // those were closed to make room
			if _, err := conn.Read(make([]byte, 1)); err == nil {
				t.Errorf("%s: idle connection %d was not closed", setting, i)
			}
		}
		limit, closed := map[bool]string{true: "address", false: "total"}[limits[1] == 5], 0
		for _, line := range metricLines(t, "http://"+addr) {
			if _, err := fmt.Sscanf(line, `tabcell_connections_exceeded_total{action="closed_idle",limit="`+limit+`"} %d`, &closed); err == nil {
				break
			}
		}
		if closed < 45 {
			t.Errorf("%s: the metrics count %d idle connections that were closed", setting, closed)
		}
		if n := strings.Count(log.String(), setting+")"); n != 1 {
			t.Errorf("%s: %d log lines, want 1:\n%s", setting, n, log)
		}
	}
}

// metricLines returns the lines of /metrics.
func metricLines(t *testing.T, url string) []string {
	t.Helper()
	r, err := http.Get(url + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(string(text), "\n")
}

// The metrics show the open connections and the limits.
func TestConnectionMetrics(t *testing.T) {
	addr, _ := newLimitedServer(t, 7, 3)
	lines := metricLines(t, "http://"+addr)
	for _, want := range []string{"tabcell_connections 1", "tabcell_connections_limit 7", "tabcell_connections_per_address_limit 3",
		`tabcell_connections_exceeded_total{action="refused",limit="address"} 0`} {
		if !slices.Contains(lines, want) {
			t.Errorf("there is no line %s", want)
		}
	}
}
