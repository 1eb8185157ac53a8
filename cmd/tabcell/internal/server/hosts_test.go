package server

import (
	"os"
	"slices"
	"testing"

	"tabcell/settings"
)

func TestHostNames(t *testing.T) {
	machine, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		settings settings.Server
		want     []string
	}{
		"default":           {settings.Server{}, []string{"localhost", "127.0.0.1", machine}},
		"loopback, allowed": {settings.Server{Host: "::1", AllowedHosts: "a.example, b.example"}, []string{"a.example", "b.example", "localhost", "::1", machine}},
		"loopback, any":     {settings.Server{AllowedHosts: "*"}, nil},
		"network":           {settings.Server{Host: "0.0.0.0"}, nil},
		"network, allowed":  {settings.Server{Host: "0.0.0.0", AllowedHosts: "a.example"}, []string{"a.example", "localhost", "0.0.0.0", machine}},
	} {
		if got := hostNames(c.settings); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

func TestTableauHost(t *testing.T) {
	for host, want := range map[string]string{"127.0.0.1": "localhost", "::1": "localhost", "10.1.2.3": "10.1.2.3", "analytics": "analytics"} {
		if got := tableauHost(host); got != want {
			t.Errorf("%s: got %s, want %s", host, got, want)
		}
	}
	if name, err := os.Hostname(); err == nil && tableauHost("0.0.0.0") != name {
		t.Errorf("0.0.0.0: got %s, want %s", tableauHost("0.0.0.0"), name)
	}
}
