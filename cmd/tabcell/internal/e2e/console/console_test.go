//go:build console && linux

package console

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/testenv"
)

// TestOpen runs the suites for a server without authentication.
func TestOpen(t *testing.T) {
	modules := installModules(t)
	p := newProgram(t, "TABCELL_DEFAULT_ROLES=evaluate,query,deploy,metrics,admin", "TABPY_EVALUATE_TIMEOUT=20", "TABCELL_TRUSTED_PROXIES=127.0.0.1")
	p.args = []string{"--config", grantsFile(t)}
	if err := p.start(); err != nil {
		t.Fatal(err)
	}
	fillPages(t, p.url)
	variables := []string{"URL=" + p.url, "PREFIXED=" + startPrefixProxy(t, p), "CONTROL=" + startControl(t, ofPrograms(p))}
	for _, suite := range []string{"playground", "endpoints", "pages", "input", "keyboard", "layout", "screens", "ready", "restart"} {
		t.Run(suite, func(t *testing.T) { runSuite(t, modules, suite, variables...) })
	}
}

// grantsFile returns a configuration file with grants for an endpoint that is not deployed.
func grantsFile(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	testenv.WriteFile(t, filepath.Join(dir, "tabpy.conf"), "[TabPy]\n\n"+
		"[Grant prices]\nendpoints = forecast\nconnect = https://prices.example.com\nenv = PRICES_KEY=grant-secret\nallow_anonymous = yes\n\n"+
		"[Grant regions]\nendpoints = forecast\nread = "+t.TempDir()+"=D:\\regions\nallow_anonymous = yes\n")
	return filepath.Join(dir, "tabpy.conf")
}

// fillPages makes the content of the pages of all suites: the endpoint doubled, and an error.
func fillPages(t *testing.T, url string) {
	t.Helper()
	for _, request := range [][2]string{
		{"/endpoints/doubled/source?function=doubled", "def doubled(x: list[float]) -> list[float]:\n    return [2 * v for v in x]\n"},
		{"/evaluate", `{"script": "return undefined_name", "data": {}}`},
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+request[0], strings.NewReader(request[1]))
		if err != nil {
			t.Fatal(err)
		}
		response, text := send(t, r)
		if deployed := response.StatusCode < 300; deployed != (request[0] != "/evaluate") {
			t.Fatalf("%s: status %d: %s", request[0], response.StatusCode, text)
		}
	}
}

// TestAccounts runs the suites for a server with accounts.
func TestAccounts(t *testing.T) {
	modules := installModules(t)
	p := startProgram(t, append(withAccounts(t), "TABPY_EVALUATE_TIMEOUT=20")...)
	variables := []string{"URL=" + p.url, "CONTROL=" + startControl(t, ofPrograms(p))}
	for _, suite := range []string{"roles", "session"} {
		t.Run(suite, func(t *testing.T) { runSuite(t, modules, suite, variables...) })
	}
}
