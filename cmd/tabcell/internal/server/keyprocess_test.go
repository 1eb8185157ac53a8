package server

import (
	"encoding/json"
	"io"
	"net/http/httptest"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"tabcell/cmd/tabcell/internal/confine"
	"tabcell/settings"
)

// TestServeKeys runs the process that fetches keys in this one, without confining it. The key
// server has a certificate that nothing trusts.
func TestServeKeys(t *testing.T) {
	t.Cleanup(func() { signal.Reset(os.Interrupt, syscall.SIGTERM, syscall.SIGHUP) })
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	for _, c := range []struct {
		config      keyConfig
		ready, keys string // parts of the errors
	}{
		{keyConfig{server.URL + "/keys", true, confine.Off}, "", "certificate"},
		{keyConfig{server.URL + "/keys", false, confine.Off}, "public", ""},
		{keyConfig{"https://", true, confine.Off}, "not a URL with a host", ""},
	} {
		in, requests := io.Pipe()
		responses, out := io.Pipe()
		ended := make(chan error)
		go func() { ended <- ServeKeys(in, out) }()
		encode, decode := json.NewEncoder(requests), json.NewDecoder(responses)
		exchange := func(request any) (response keyResponse) {
			if err := encode.Encode(request); err != nil {
				t.Error(err)
			}
			if err := decode.Decode(&response); err != nil {
				t.Error(err)
			}
			return response
		}
		if got := exchange(c.config); got.ID != 0 || !strings.Contains(got.Error, c.ready) || (got.Error == "") != (c.ready == "") {
			t.Errorf("%v: got %+v, want %q", c.config, got, c.ready)
		} else if c.ready == "" {
			if got := exchange(keyRequest{7}); got.ID != 7 || !strings.Contains(got.Error, c.keys) {
				t.Errorf("%v: got %+v, want %q", c.config, got, c.keys)
			}
		}
		requests.Close()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

func TestKeyGetter(t *testing.T) {
	k := &keyProcess{config: keyConfig{URI: "https://a.example/keys"}}
	for _, c := range []struct {
		process  *keyProcess
		oauth    settings.OAuth
		get, err bool
	}{
		{nil, settings.OAuth{JWKSURI: "https://a.example/keys"}, false, false},
		{k, settings.OAuth{JWKSURI: "https://a.example/keys"}, true, false},
		{k, settings.OAuth{JWKSURI: "https://b.example/keys"}, false, true},
		{k, settings.OAuth{JWKSURI: "https://a.example/keys", AllowNonPublicJWKS: true}, false, true},
		{k, settings.OAuth{JWKSURI: "https://b.example/keys", KeySetFile: "keys"}, false, false},
	} {
		get, err := c.process.getter(c.oauth)
		if (get != nil) != c.get || (err != nil) != c.err {
			t.Errorf("%+v: a function: %v, error %v", c.oauth, get != nil, err)
		}
	}
}
