package httpapi

import (
	"context"
	"net"
	"net/http"
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
	api := newTestServer(t, nil).api
	server := NewServer(ctx, "", api, cfg)
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	limited, err := LimitConnections(ctx, server, tcp, cfg)
	if err != nil {
		t.Fatal(err)
	}
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
		if n := strings.Count(log.String(), setting+")"); n != 1 {
			t.Errorf("%s: %d log lines, want 1:\n%s", setting, n, log)
		}
	}
}

func TestLimitConnectionsChecksProxies(t *testing.T) {
	if _, err := LimitConnections(context.Background(), &http.Server{}, nil, Config{TrustedProxies: []string{"x"}}); err == nil {
		t.Error("an invalid proxy was accepted")
	}
}
