//go:build console && linux

package console

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"
)

// startControl returns the URL of a server by which a suite stops and starts the programs: the first
// with /stop and /start, the others with /stop/1 and so on. The handlers run one at a time, because a
// suite waits for each response.
func startControl(t *testing.T, programs ...*program) string {
	t.Helper()
	mux := http.NewServeMux()
	for i, p := range programs {
		suffix := ""
		if i > 0 {
			suffix = fmt.Sprint("/", i)
		}
		for path, action := range map[string]func() error{"POST /stop": p.stop, "POST /start": p.start} {
			mux.HandleFunc(path+suffix, func(w http.ResponseWriter, _ *http.Request) {
				if err := action(); err != nil {
					http.Error(w, err.Error(), http.StatusInternalServerError)
				}
			})
		}
	}
	control := httptest.NewServer(mux)
	t.Cleanup(control.Close)
	return control.URL
}

// startPrefixProxy returns the URL of a proxy that serves the program under a prefix, which it
// removes from the paths, as the examples in assets/install/proxy do.
func startPrefixProxy(t *testing.T, p *program) string {
	t.Helper()
	const prefix = "/analytics/cells"
	target, err := url.Parse(p.url)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{
		FlushInterval: -1, // events arrive one by one
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.SetXForwarded()
			r.Out.Header.Set("X-Forwarded-Prefix", prefix)
		},
	}
	mux := http.NewServeMux()
	mux.Handle(prefix+"/", http.StripPrefix(prefix, proxy))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL + prefix
}
