package httpapi

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"testing"

	"tabcell/runtime/runtimetest"
)

func TestETags(t *testing.T) {
	srv := newTestServer(t, nil)
	srv.do("GET", "/status", "").wantHeader(t, "Etag", emptyObjectETag)
	for wanted, matches := range map[string]bool{
		emptyObjectETag: true, "W/" + emptyObjectETag: true, `"x", ` + emptyObjectETag: true, "*": true, `"*"`: false, `"x"`: false, "": false, "x": false,
		strings.Trim(emptyObjectETag, `"`): false, `"x" *`: false, strings.Repeat(`"x", `, 100) + emptyObjectETag: false,
	} {
		got := srv.do("GET", "/endpoints", "", "If-None-Match", wanted)
		if !matches {
			got.want(t, 200, "{}")
			continue
		}
		got.want(t, 304, "")
		got.wantHeader(t, "Etag", emptyObjectETag)
		got.wantHeader(t, "Content-Type", "")
		got.wantHeader(t, "Content-Length", "")
	}
	srv.do("GET", "/endpoints/x", "", "If-None-Match", "*").wantHeader(t, "Etag", "")
	srv.do("OPTIONS", "/info", "", "If-None-Match", "*").want(t, 200, "{}")
	srv.script("return 1", "If-None-Match", "*").want(t, 200, "1")
}

func TestGzipResponses(t *testing.T) {
	srv := newTestServer(t, func(c *Config) { c.GzipRequests = false }) // affects requests only
	short, long := `"`+strings.Repeat("x", 1021)+`"`, `"`+strings.Repeat("x", 1022)+`"`
	srv.engine.On("short", runtimetest.Returns(short))
	srv.engine.On("long", runtimetest.Returns(long))
	for _, c := range []struct {
		script, accept string
		compressed     bool
	}{
		{"long", "gzip", true}, {"long", "deflate, gzip;q=0.5", true}, {"long", "gzip;q=0", true}, {"long", "x-gzipped", true},
		{"long", "GZIP", false}, {"long", "*", false}, {"long", "", false}, {"long", "deflate", false}, {"short", "gzip", false},
	} {
		got := srv.script(c.script, "Accept-Encoding", c.accept)
		want := map[string]string{"short": short, "long": long}[c.script]
		if compressed := got.Header.Get("Content-Encoding") == "gzip"; compressed != c.compressed {
			t.Errorf("%s with %q: compressed %v, want %v", c.script, c.accept, compressed, c.compressed)
		}
		if c.compressed {
			got.body = gunzipped(t, got.body)
		}
		if got.body != want || got.ContentLength < 0 {
			t.Errorf("%s with %q: wrong body of %d bytes", c.script, c.accept, len(got.body))
		}
		got.wantHeader(t, "Vary", "Accept-Encoding")
	}
	if got := gunzipped(t, srv.do("GET", "/", "", "Accept-Encoding", "gzip").body); got != landingOf(t, srv) {
		t.Errorf("wrong landing page: %q", got)
	}
}

func gunzipped(t *testing.T, compressed string) string {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader([]byte(compressed)))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Pooled writers must not mix up responses.
func TestCompressReusesWriters(t *testing.T) {
	for _, text := range []string{strings.Repeat("a", 5000), strings.Repeat("b", 70000), "", "c"} {
		mem := &fakeMemory{limit: 1 << 20}
		compressed, err := compress(writeBytes([]byte(text)), mem)
		if got := gunzipped(t, string(compressed)); got != text || err != nil || mem.used != int64(cap(compressed)) {
			t.Errorf("round trip of %d bytes returned %d, error %v, reserved %d", len(text), len(got), err, mem.used)
		}
	}
}
