//go:build proxy && linux

package proxy

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"tabcell/cmd/tabcell/internal/cli"
	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/cmd/tabcell/internal/scripttest"
)

func TestMain(m *testing.M) { scripttest.Main(m, cli.Main) }

// config has the settings that the examples ask for.
const config = `[TabPy]
TABPY_PORT = ${PORT}
TABPY_STATE_PATH = ${STATE_PATH}
TABCELL_TRUSTED_PROXIES = 127.0.0.1
TABCELL_ALLOWED_HOSTS = tabpy.example.com
TABCELL_METRICS = true
TABPY_EVALUATE_TIMEOUT = 20
TABPY_MAX_REQUEST_SIZE_MB = 1
`

const twice = "def twice(x: list[float]) -> list[float]:\n    return [2 * v for v in x]\n"

// TestExamples uses a server through each proxy.
func TestExamples(t *testing.T) {
	for name, start := range programs {
		t.Run(name, func(t *testing.T) {
			server := harness.StartServer(t, config)
			c := newClient(t, start(t, strings.TrimPrefix(server.URL, "http://")))
			c.send("POST", "/evaluate", `{"script": "return [2 * x for x in _arg1]", "data": {"_arg1": [1, 2]}}`).expect(t, 200, "[2, 4]")
			c.send("GET", "/health/ready", "").expect(t, 200, "ready")
			c.send("GET", "/tabpy/health/ready", "").expect(t, 200, "ready")
			c.send("PUT", "/tabpy/endpoints/my%20twice/source", twice).expect(t, 201, `"usage": "/tabpy/endpoints/my%20twice/usage"`)
			c.send("POST", "/tabpy/query/my%20twice", `{"data": {"x": [4]}}`).expect(t, 200, `"response": [8]`)
			c.send("POST", "/query/my%20twice", `{"data": {"x": [4]}}`).expect(t, 200, `"response": [8]`)
			c.send("GET", "/metrics", "").expect(t, 404, "")
			c.send("GET", "/tabpy/metrics", "").expect(t, 404, "")
			c.send("POST", "/evaluate", strings.Repeat(" ", maxBody+1)).expect(t, 413, "")
			if got := c.send("GET", "/tabpy", ""); got.StatusCode != 301 || got.Header.Get("Location") != "/tabpy/" {
				t.Errorf("/tabpy: status %d, Location %q", got.StatusCode, got.Header.Get("Location"))
			}
			checkPages(t, c)
			checkForgedHeaders(t, c, server)
		})
	}
}

// links finds the links of a page.
var links = regexp.MustCompile(`(?:href|action|src)="([^"]*)"`)

// checkPages follows all links of the pages, with and without the base path.
func checkPages(t *testing.T, c client) {
	t.Helper()
	for _, base := range []string{"", "/tabpy"} {
		for _, path := range []string{"/", "/endpoints/my%20twice/usage"} {
			page := c.send("GET", base+path, "", "Accept", "text/html")
			page.expect(t, 200, "https://tabpy.example.com"+base+"/")
			found := links.FindAllStringSubmatch(page.body, -1)
			for _, link := range found {
				target, err := page.Request.URL.Parse(link[1])
				if err != nil || target.Host != Host || !strings.HasPrefix(target.Path, base+"/") {
					t.Errorf("%s%s has the link %s (%v)", base, path, link[1], err)
					continue
				}
				c.send("GET", target.EscapedPath(), "").expect(t, 200, "")
			}
			if len(found) == 0 {
				t.Errorf("%s%s has no link", base, path)
			}
		}
	}
}

// checkForgedHeaders sends headers that only the proxy may write.
func checkForgedHeaders(t *testing.T, c client, server *harness.Server) {
	t.Helper()
	forged := []string{
		"X-Forwarded-For", "192.0.2.66", "Forwarded", "for=192.0.2.66;host=evil.example", "X-Forwarded-Host", "evil.example",
		"X-Forwarded-Prefix", "/evil", "X-Forwarded-Proto", "http", "Accept", "text/html",
	}
	for _, base := range []string{"", "/tabpy"} {
		page := c.send("GET", base+"/endpoints/my%20twice/usage", "", forged...)
		page.expect(t, 200, "https://tabpy.example.com"+base+"/query/")
		if strings.Contains(page.body, "evil") {
			t.Errorf("the page has what the client sent:\n%s", page.body)
		}
	}
	if log := server.Log.String(); strings.Contains(log, "192.0.2.66") || !strings.Contains(log, `"remote":"`+clientAddress+`"`) {
		t.Errorf("the log does not have the address of the client:\n%s", log)
	}
}

// The time limit of scripts is that of the server, whose message reaches the client.
func TestTimeLimit(t *testing.T) {
	for name, start := range programs {
		t.Run(name, func(t *testing.T) {
			server := harness.StartServer(t, strings.Replace(config, "TABPY_EVALUATE_TIMEOUT = 20", "TABPY_EVALUATE_TIMEOUT = 1", 1))
			c := newClient(t, start(t, strings.TrimPrefix(server.URL, "http://")))
			c.send("POST", "/evaluate", `{"script": "while True: pass", "data": {}}`).expect(t, 408, "User defined script timed out")
		})
	}
}

// A request that a server has received is not sent again, even if the server ends before it
// responds. A server that does not accept connections is passed over.
func TestRequestsAreSentOnce(t *testing.T) {
	for name, start := range programs {
		t.Run(name, func(t *testing.T) {
			var requests atomic.Int32
			handler := func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/evaluate" {
					return // health checks
				}
				requests.Add(1)
				_, _ = io.Copy(io.Discard, r.Body)
				panic(http.ErrAbortHandler) // closes the connection
			}
			var servers []string
			for range 2 {
				failing := httptest.NewServer(http.HandlerFunc(handler))
				defer failing.Close()
				servers = append(servers, failing.Listener.Addr().String())
			}
			c := newClient(t, start(t, servers...))
			c.send("POST", "/evaluate", `{"script": "return 1", "data": {}}`).expect(t, 502, "")
			if n := requests.Load(); n != 1 {
				t.Errorf("the request was sent %d times", n)
			}
		})
		t.Run(name+" passes over", func(t *testing.T) {
			working := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "here") }))
			defer working.Close()
			u, err := url.Parse(working.URL)
			if err != nil {
				t.Fatal(err)
			}
			closed, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			closed.Close()
			c := newClient(t, start(t, closed.Addr().String(), u.Host))
			for range 4 { // the proxies distribute requests
				c.send("POST", "/evaluate", "{}").expect(t, 200, "here")
			}
		})
	}
}
