package server

import (
	"net"
	"os"
	"path/filepath"
	"testing"

	"tabcell/settings"
)

func TestLocalAddress(t *testing.T) {
	for address, want := range map[string]string{
		"0.0.0.0:9004":       "127.0.0.1:9004",
		"[::]:9005":          "127.0.0.1:9005",
		"127.0.0.2:9004":     "127.0.0.2:9004",
		"192.0.2.7:443":      "192.0.2.7:443",
		"[2001:db8::1]:9004": "[2001:db8::1]:9004",
	} {
		addr, err := net.ResolveTCPAddr("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		if got := localAddress(addr); got != want {
			t.Errorf("%s: got %s, want %s", address, got, want)
		}
	}
}

func TestDescribeServer(t *testing.T) {
	addr := &net.TCPAddr{IP: net.IPv4zero, Port: 9443}
	loaded := &settings.Loaded{Settings: settings.Defaults()}
	if got := describeServer(loaded, addr); got.URL != "http://127.0.0.1:9443" || got.Certificate != "" || got.PID != os.Getpid() || got.Started.IsZero() {
		t.Errorf("got %+v", got)
	}
	loaded.Settings.TLS.Protocol, loaded.Settings.TLS.Certificate, loaded.Service.Subdirectory = "https", "server.crt", "/sub/dir/"
	if got := describeServer(loaded, addr); got.URL != "https://127.0.0.1:9443/sub/dir" || !filepath.IsAbs(got.Certificate) || filepath.Base(got.Certificate) != "server.crt" {
		t.Errorf("got %+v", got)
	}
}
