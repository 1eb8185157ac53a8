package httpapi

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
)

// publicURLFor returns the URL for a request from the given peer.
func publicURLFor(t testing.TB, a *API, peer, host string, h http.Header) publicURL {
	t.Helper()
	r, err := http.NewRequest("GET", "/", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.RemoteAddr, r.Host, r.Header = peer+":4711", host, h
	return (&request{Context: echo.New().NewContext(r, nil), api: a}).publicURL()
}

func TestPublicURL(t *testing.T) {
	plain, err := New(Config{TrustedProxies: []string{"10.0.0.1"}}, Deps{})
	if err != nil {
		t.Fatal(err)
	}
	strict, err := New(Config{TrustedProxies: []string{"10.0.0.1"}, AllowedHosts: []string{"tab.example"}, Subdirectory: "sub"}, Deps{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		api                       *API
		peer, proto, host, prefix string
		want                      string
	}{
		{plain, "10.0.0.1", "", "", "", "http://direct:9004"},
		{plain, "10.0.0.1", "https", "tab.example", "/tabpy", "https://tab.example/tabpy"},
		{plain, "10.0.0.1", "HTTPS", "tab.example:8443", "/a/b.c/", "https://tab.example:8443/a/b.c"},
		{plain, "10.0.0.1", "http", "[2001:db8::1]:80", "/", "http://[2001:db8::1]:80"},
		{plain, "10.0.0.2", "https", "tab.example", "/tabpy", "http://direct:9004"}, // not trusted

		{plain, "10.0.0.1", "javascript", "", "", "http://direct:9004"},
		{plain, "10.0.0.1", "https, http", "evil.example, tab.example", "/evil, /tabpy", "http://direct:9004"},
		{plain, "10.0.0.1", "https\nhttps", "tab.example\ntab.example", "/a\n/a", "http://direct:9004"},
		{plain, "10.0.0.1", "", "tab.example/path", "", "http://direct:9004"},
		{plain, "10.0.0.1", "", "user@tab.example", "", "http://direct:9004"},
		{plain, "10.0.0.1", "", "tab.example:0", "", "http://direct:9004"},
		{plain, "10.0.0.1", "", "tab.example:99999", "", "http://direct:9004"},
		{plain, "10.0.0.1", "", "tab.example:", "", "http://direct:9004"},
		{plain, "10.0.0.1", "", "[fe80::1%25eth0]", "", "http://direct:9004"},
		{plain, "10.0.0.1", "", "[1.2.3.4]", "", "http://direct:9004"},
		{plain, "10.0.0.1", "", `a"b`, "", "http://direct:9004"},
		{plain, "10.0.0.1", "", strings.Repeat("a", 300), "", "http://direct:9004"},
		{plain, "10.0.0.1", "", "", "//evil.example", "http://direct:9004"},
		{plain, "10.0.0.1", "", "", "/a/../b", "http://direct:9004"},
		{plain, "10.0.0.1", "", "", "/a//b", "http://direct:9004"},
		{plain, "10.0.0.1", "", "", "tabpy", "http://direct:9004"},
		{plain, "10.0.0.1", "", "", `/a"><script>`, "http://direct:9004"},
		{plain, "10.0.0.1", "", "", "/a%2fb", "http://direct:9004"},
		{plain, "10.0.0.1", "", "", "/" + strings.Repeat("a", 200), "http://direct:9004"},

		{strict, "10.0.0.1", "https", "tab.example", "/tabpy", "https://tab.example/tabpy/sub"},
		{strict, "10.0.0.1", "https", "other.example", "/tabpy", "https://direct:9004/tabpy/sub"}, // not one of the server's names
	} {
		h := http.Header{}
		for name, text := range map[string]string{"X-Forwarded-Proto": c.proto, "X-Forwarded-Host": c.host, "X-Forwarded-Prefix": c.prefix} {
			if text != "" {
				h[name] = strings.Split(text, "\n")
			}
		}
		if got := publicURLFor(t, c.api, c.peer, "direct:9004", h).String(); got != c.want {
			t.Errorf("from %s, headers %v: %s, want %s", c.peer, h, got, c.want)
		}
	}
	if got := publicURLFor(t, plain, "192.0.2.1", "a;reboot", nil).String(); got != "http://HOST" {
		t.Errorf("the host of an odd request is %s", got)
	}
}

// links finds the links of a page.
var links = regexp.MustCompile(`(?:href|action|src)="([^"]*)"`)

// Behind a proxy that removes a prefix, every link of every page leads to a path with the prefix
// that exists.
func TestLinksBehindProxy(t *testing.T) {
	for _, subdirectory := range []string{"", "sub/dir"} {
		s := newEndpointServer(t, nil, func(c *Config) { c.TrustedProxies, c.Subdirectory = []string{"127.0.0.1"}, subdirectory })
		prefix := strings.TrimSuffix("/"+subdirectory, "/")
		proxy := []string{"X-Forwarded-Proto", "https", "X-Forwarded-Host", "tab.example", "X-Forwarded-Prefix", "/base", "Accept", "text/html"}
		got := s.do("PUT", prefix+"/endpoints/my%20m/source", "add", proxy...)
		got.wantStatus(t, 201)
		if want := `"usage": "/base` + prefix + `/endpoints/my%20m/usage"`; !strings.Contains(got.body, want) {
			t.Errorf("upload returned %s, want %s", got.body, want)
		}
		for _, path := range []string{prefix + "/", prefix + "/index.html", prefix + "/endpoints/my%20m/usage"} {
			page := s.do("GET", path, "", proxy...)
			if !strings.Contains(page.body, "https://tab.example/base"+prefix+"/") {
				t.Errorf("%s does not show the public URL:\n%s", path, page.body)
			}
			at := &url.URL{Scheme: "https", Host: "tab.example", Path: "/base" + path}
			found := links.FindAllStringSubmatch(page.body, -1)
			for _, link := range found {
				target, err := at.Parse(link[1])
				if err != nil || target.Host != "tab.example" || !strings.HasPrefix(target.Path, "/base/") {
					t.Fatalf("%s has the link %s to %v (%v)", path, link[1], target, err)
				}
				s.do("GET", strings.TrimPrefix(target.EscapedPath(), "/base"), "", proxy...).wantStatus(t, 200)
			}
			if len(found) == 0 {
				t.Errorf("%s has no link", path)
			}
		}
	}
}

// The redirect to a folder of static files keeps the prefix that the proxy has removed.
func TestRedirectBehindProxy(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, dir, "sub/index.html", "<p>sub")
	srv := newTestServer(t, func(c *Config) { c.StaticPath, c.TrustedProxies = dir, []string{"127.0.0.1"} })
	srv.do("GET", "/sub", "", "X-Forwarded-Prefix", "/base").wantHeader(t, "Location", "/base/sub/")
	srv.do("GET", "/sub", "", "X-Forwarded-Prefix", "//evil.example").wantHeader(t, "Location", "/sub/")
}

// Whatever a trusted proxy passes on, the URL is one of plain characters, and its parts are those
// that the headers have alone.
func FuzzPublicURL(f *testing.F) {
	a, err := New(Config{TrustedProxies: []string{"10.0.0.1"}}, Deps{})
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{"https|tab.example|/tabpy", "javascript|a'b|/a\"", "http|[::1]:80|//x", "|:|/..", "https|x:1:2|/a/./b", "https|a..b|/ "} {
		proto, rest, _ := strings.Cut(seed, "|")
		host, prefix, _ := strings.Cut(rest, "|")
		f.Add(proto, host, prefix)
	}
	plain := regexp.MustCompile(`^https?://[A-Za-z0-9._:\[\]-]+(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*$`)
	f.Fuzz(func(t *testing.T, proto, host, prefix string) {
		h := http.Header{"X-Forwarded-Proto": {proto}, "X-Forwarded-Host": {host}, "X-Forwarded-Prefix": {prefix}}
		got := publicURLFor(t, a, "10.0.0.1", "direct", h)
		if !plain.MatchString(got.String()) {
			t.Fatalf("%q is not a plain URL", got)
		}
		u, err := url.Parse(got.String())
		if err != nil || u.Scheme != got.scheme || u.Host != got.host || u.Path != got.prefix || u.User != nil {
			t.Errorf("%s is parsed as %+v (%v)", got, u, err)
		}
		if got.host != "direct" && got.host != strings.TrimSpace(host) || strings.Contains(got.prefix, "..") && !strings.Contains(prefix, "..") {
			t.Errorf("headers %q became %+v", h, got)
		}
		if direct := publicURLFor(t, a, "10.0.0.2", "direct", h).String(); direct != "http://direct" {
			t.Errorf("a client that is not a trusted proxy chose %s", direct)
		}
	})
}
