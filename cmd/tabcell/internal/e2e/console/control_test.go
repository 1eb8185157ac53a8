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

// actions has functions by name, which a suite calls to change something outside the browser.
type actions map[string]func() error

// ofPrograms returns actions that stop and start programs: the first with stop and start, the others
// with stop/1 and so on.
func ofPrograms(programs ...*program) actions {
	all := actions{"stop": programs[0].stop, "start": programs[0].start}
	for i, p := range programs[1:] {
		all[fmt.Sprint("stop/", i+1)], all[fmt.Sprint("start/", i+1)] = p.stop, p.start
	}
	return all
}

// startControl returns the URL of a server that carries out actions. They run one at a time, because
// a suite waits for each response.
func startControl(t *testing.T, all actions) string {
	t.Helper()
	mux := http.NewServeMux()
	for name, action := range all {
		mux.HandleFunc("POST /"+name, func(w http.ResponseWriter, _ *http.Request) {
			if err := action(); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
			}
		})
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
