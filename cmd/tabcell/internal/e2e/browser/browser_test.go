//go:build browser && linux

package browser

import (
	"encoding/json"
	"io"
	"maps"
	"net"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/cmd/tabcell/internal/testenv"
)

// TestForeignPage checks that a page of another origin cannot run, deploy, replace or remove
// anything.
func TestForeignPage(t *testing.T) {
	for _, host := range []string{"evil.example", "127.0.0.1"} {
		pages := listen(t)
		server := startServer(t, "https://portal.example")
		visit(t, pages, host, server.URL)
		if got := endpoints(t, server); !slices.Equal(got, []string{"present 1"}) {
			t.Errorf("a page of %s changed the endpoints to %v", host, got)
		}
		if calls(t, server) != "0" {
			t.Errorf("a page of %s ran a script", host)
		}
		if n := strings.Count(server.Log.String(), "Cross-origin request refused."); n != 5 {
			t.Errorf("a page of %s: %d requests were refused, want 5", host, n)
		}
	}
}

// TestTrustedPage checks that the same page can do so if its origin is configured, and so that the
// browser sends the requests.
func TestTrustedPage(t *testing.T) {
	pages := listen(t)
	server := startServer(t, originOf("portal.example", pages))
	visit(t, pages, "portal.example", server.URL)
	if got := endpoints(t, server); !slices.Equal(got, []string{"by_fetch 1", "by_form 1", "by_upload 1", "present 2"}) {
		t.Errorf("the endpoints are %v", got)
	}
	if calls(t, server) != "1" {
		t.Error("the page did not run a script")
	}
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// startServer starts a server that trusts an origin and has an endpoint.
func startServer(t *testing.T, origin string) *harness.Server {
	t.Helper()
	state := t.TempDir()
	testenv.WriteFile(t, filepath.Join(state, "state.ini"), "[Service Info]\nName = x\nAccess-Control-Allow-Origin = "+origin+"\n")
	server := harness.StartServer(t, "[TabPy]\nTABPY_PORT = ${PORT}\nTABCELL_METRICS = on\nTABPY_STATE_PATH = "+state+"\n")
	r, err := http.Post(server.URL+"/endpoints/present/source", "text/plain", strings.NewReader("def present(): return 1"))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if text, _ := io.ReadAll(r.Body); r.StatusCode != http.StatusCreated {
		t.Fatalf("status %d: %s", r.StatusCode, text)
	}
	return server
}

// endpoints returns the names and versions of the endpoints.
func endpoints(t *testing.T, server *harness.Server) []string {
	t.Helper()
	var all map[string]struct{ Version json.Number }
	if err := json.Unmarshal([]byte(get(t, server.URL+"/endpoints")), &all); err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		list = append(list, name+" "+all[name].Version.String())
	}
	return list
}

// calls returns the number of scripts that ended successfully.
func calls(t *testing.T, server *harness.Server) string {
	t.Helper()
	m := regexp.MustCompile(`tabcell_calls_total{outcome="ok",route="/evaluate"} (\d+)`).FindStringSubmatch(get(t, server.URL+"/metrics"))
	if m == nil {
		t.Fatal("the metrics have no number of calls")
	}
	return m[1]
}

func get(t *testing.T, url string) string {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
