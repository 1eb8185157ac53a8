//go:build browser && linux

package browser

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/testenv"
)

// attackPage is a page that sends the requests which a browser sends to another origin without
// asking that origin first, and DELETE, for which it asks. The page then requests /done.
const attackPage = `<!doctype html><title>page</title><form method=post enctype=text/plain target=frame action="%[1]s/endpoints">
<input name='{"name": "by_form", "type": "model", "source": "def by_form(): return 1", "x": "' value='"}'></form><iframe name=frame></iframe>
<script>
const send = (method, path, body) => fetch("%[1]s" + path, {method, body, mode: method === "DELETE" ? "cors" : "no-cors"}).catch(() => null);
(async () => {
  document.forms[0].submit();
  await new Promise(loaded => document.querySelector("iframe").addEventListener("load", loaded));
  await send("POST", "/evaluate", '{"script": "return 1", "data": {}}');
  await send("POST", "/endpoints", '{"name": "by_fetch", "type": "model", "source": "def by_fetch(): return 1"}');
  await send("POST", "/endpoints/by_upload/source", "def by_upload(): return 1");
  await send("POST", "/endpoints/present/source", "def present(): return 'replaced'");
  await send("DELETE", "/endpoints/present");
  await fetch("/done");
})();
</script>`

// visit opens a page with the attack on the server at target in Chromium, under the given host
// name, and returns when the page has sent its requests.
func visit(t *testing.T, pages net.Listener, host, target string) {
	done := make(chan struct{}, 1)
	mux := http.NewServeMux()
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, attackPage, target)
	})
	mux.HandleFunc("/done", func(http.ResponseWriter, *http.Request) { done <- struct{}{} })
	server := &httptest.Server{Listener: pages, Config: &http.Server{Handler: mux}}
	server.Start()
	defer server.Close()
	output := testenv.NewOutput()
	stop := startChromium(t, originOf(host, pages), output)
	defer stop()
	limit := testenv.Scaled(time.Minute)
	select {
	case <-done:
	case <-time.After(limit):
		t.Fatalf("the page was not ready after %v: %s", limit, output)
	}
}

// originOf returns the origin of the pages that a listener serves under a host name.
func originOf(host string, pages net.Listener) string {
	_, port, _ := strings.Cut(pages.Addr().String(), ":")
	return "http://" + host + ":" + port
}

// startChromium opens a page in a new profile. Every host name is resolved to this machine. The
// returned function ends the browser.
func startChromium(t *testing.T, url string, output *testenv.Output) (stop func()) {
	t.Helper()
	profile, err := os.MkdirTemp("", "tabcell-browser-")
	if err != nil {
		t.Fatal(err)
	}
	browser := exec.Command("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--no-proxy-server",
		"--user-data-dir="+profile, "--host-resolver-rules=MAP * 127.0.0.1", url)
	browser.Stdout, browser.Stderr = output, output
	browser.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := browser.Start(); err != nil {
		t.Fatalf("cannot start chromium, which Debian's package of that name provides: %v", err)
	}
	return func() {
		_ = syscall.Kill(-browser.Process.Pid, syscall.SIGKILL) // with its processes for pages
		_ = browser.Wait()
		_ = os.RemoveAll(profile)
	}
}
