package main

import (
	"net/http"
	"os"
	"slices"
	"syscall"
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
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// A page that had its name pointed at this machine gets nothing from a server of this machine.
func TestForeignHostsAreRefused(t *testing.T) {
	r := launch(t, opened(), "TABCELL_ALLOWED_HOSTS=tabpy.example")
	for host, want := range map[string]int{"": 200, "localhost:9004": 200, "[::1]": 200, "tabpy.example": 200, "evil.example": 403} {
		request, err := http.NewRequest("GET", r.url+"/info", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Host = host
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("%s: %d, want %d", host, response.StatusCode, want)
		}
	}
	r.stderr.Find(t, `TABCELL_ALLOWED_HOSTS\); it is \\"evil.example\\"`)
	r.signals <- syscall.SIGTERM
	r.wait(t, exitOK)
}
