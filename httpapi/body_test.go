package httpapi

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"tabcell/runtime"
	"tabcell/runtime/runtimetest"
)

func newRequest(t testing.TB, ctx context.Context, url, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, "POST", url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// echoLength makes the given script return the length of the request body.
func echoLength(srv *testServer, script string) {
	srv.engine.On(script, func(_ context.Context, call runtime.Call, _ jsonText) (runtime.Result, error) {
		return runtime.Result{Body: fmt.Append(nil, len(call.Body))}, nil
	})
}

// paddedBody returns a body of exactly n bytes with the script "len".
func paddedBody(n int) string {
	const head = `{"script": "len", "data": {}, "pad": "`
	return head + strings.Repeat("x", n-len(head)-2) + `"}`
}

// gzipped returns a gzip stream with one member for each part.
func gzipped(parts ...string) string {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	for _, part := range parts {
		z.Reset(&out)
		_, _ = z.Write([]byte(part))
		_ = z.Close()
	}
	return out.String()
}

func TestSizeLimit(t *testing.T) {
	const limit = 1 << 20
	srv := newTestServer(t, func(c *Config) { c.MaxRequestBytes, c.CORS.Origin = limit, "*" })
	echoLength(srv, "len")
	srv.do("POST", "/evaluate", paddedBody(limit)).want(t, 200, fmt.Sprint(limit))
	for _, path := range []string{"/evaluate", "/query/x", "/endpoints"} {
		got := srv.do("POST", path, paddedBody(limit+1))
		got.want(t, 413, `{"message": "Request with size 1048577 exceeded limit of 1048576 (bytes).", "info": "Request Entity Too Large"}`)
		got.wantHeader(t, "Access-Control-Allow-Origin", "")
	}
	srv.do("GET", "/status", paddedBody(limit+1)).want(t, 200, "{}")
	if srv.engine.Calls() != 1 {
		t.Errorf("%d calls, want 1", srv.engine.Calls())
	}
}

// A client that is still sending a large body can read the response.
func TestFailureReachesSendingClient(t *testing.T) {
	srv := newTestServer(t, func(c *Config) { c.MaxRequestBytes = 1000 })
	for range 5 {
		conn, err := net.Dial("tcp", srv.addr)
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetDeadline(time.Now().Add(time.Minute))
		const size = 64 << 20
		_, err = io.Copy(conn, io.MultiReader(strings.NewReader(fmt.Sprintf("POST /evaluate HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", size)),
			io.LimitReader(iotest.DataErrReader(zeroReader{}), size)))
		if err != nil {
			t.Fatalf("sending failed: %v", err)
		}
		response, _ := io.ReadAll(conn)
		if !strings.HasPrefix(string(response), "HTTP/1.1 413 ") || !strings.Contains(string(response), "Connection: close") {
			t.Fatalf("response %.300q", response)
		}
		_ = conn.Close()
	}
}

type zeroReader struct{}

func (zeroReader) Read(p []byte) (int, error) { return len(p), nil }

func TestChunkedBodies(t *testing.T) {
	srv := newTestServer(t, func(c *Config) { c.MaxRequestBytes = 1000 })
	echoLength(srv, "len")
	chunked := func(body string) reply {
		r := newRequest(t, context.Background(), "http://"+srv.addr+"/evaluate", "")
		r.Body, r.ContentLength = io.NopCloser(iotest.OneByteReader(strings.NewReader(body))), -1
		return srv.send(r)
	}
	chunked(paddedBody(1000)).want(t, 200, "1000")
	got := chunked(paddedBody(1001))
	got.want(t, 400, `{"message": "The request body could not be read.", "info": "the body exceeds the limit of 1000 bytes (TABPY_MAX_REQUEST_SIZE_MB)"}`)
	if !got.Close {
		t.Error("the connection was not closed")
	}
}

// No byte of a body may be read as a request, nor anything after a request with an ambiguous end.
func TestNoSmuggling(t *testing.T) {
	srv := newTestServer(t, func(c *Config) { c.MaxRequestBytes = 50 })
	const smuggled = "GET /endpoints/smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
	pad := strings.Repeat("x", 1<<20)
	for name, c := range map[string]struct {
		text     string
		statuses []int
	}{
		"over the limit":         {headWithLength(len(smuggled)*2) + smuggled + smuggled, []int{413}},
		"far over the limit":     {headWithLength(len(smuggled)*2+len(pad)) + smuggled + smuggled + pad, []int{413}},
		"chunked over the limit": {postHead("Transfer-Encoding: chunked") + fmt.Sprintf("%x\r\n", len(pad)) + pad + "\r\n0\r\n\r\n" + smuggled, []int{400}},
		"both lengths":           {postHead("Content-Length: 5\r\nTransfer-Encoding: chunked") + "0\r\n\r\n" + smuggled, []int{400}},
		"two lengths":            {postHead("Content-Length: 5\r\nContent-Length: 0") + smuggled, []int{400}},
		"signed length":          {postHead("Content-Length: +5") + smuggled, []int{400}},
		"negative length":        {postHead("Content-Length: -5") + smuggled, []int{400}},
		"no number":              {postHead("Content-Length: 0x5") + smuggled, []int{400}},
		"unknown coding":         {postHead("Transfer-Encoding: chunked, gzip") + "0\r\n\r\n" + smuggled, []int{400}},
		"two codings":            {postHead("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked") + "0\r\n\r\n" + smuggled, []int{400}},
		"bare line feed":         {postHead("Transfer-Encoding: chunked") + "1\nx\r\n0\r\n\r\n" + smuggled, []int{400}},
		"space before the colon": {postHead("Content-Length : 5") + smuggled, []int{400}},
		"corrupt gzip":           {postHead(fmt.Sprintf("Content-Encoding: gzip\r\nContent-Length: %d", len(smuggled))) + smuggled, []int{400}},
		"disabled route":         {"DELETE /info HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + "3e8\r\n" + pad, []int{405}},
	} {
		t.Run(name, func(t *testing.T) {
			var statuses []int
			for _, r := range srv.raw(c.text, false) {
				statuses = append(statuses, r.StatusCode)
				if strings.Contains(r.body, "smuggled") {
					t.Fatal("the smuggled request was answered")
				}
			}
			if fmt.Sprint(statuses) != fmt.Sprint(c.statuses) {
				t.Errorf("statuses %v, want %v", statuses, c.statuses)
			}
		})
	}
}

func postHead(lines string) string {
	return "POST /evaluate HTTP/1.1\r\nHost: x\r\n" + lines + "\r\n\r\n"
}
func headWithLength(n int) string { return postHead(fmt.Sprintf("Content-Length: %d", n)) }

func TestPipelinedRequests(t *testing.T) {
	srv := newTestServer(t, nil)
	body := `{"script": "return 1", "data": {}}`
	got := srv.raw(headWithLength(1)+"x"+headWithLength(len(body))+body+"GET /unicorn HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", true)
	if len(got) != 3 || got[0].StatusCode != 500 || got[1].body != "1" || got[2].StatusCode != 404 {
		t.Errorf("responses %v", got)
	}
}

func TestGzipRequests(t *testing.T) {
	const limit = 100_000
	srv := newTestServer(t, func(c *Config) { c.MaxRequestBytes = limit })
	echoLength(srv, "len")
	for name, c := range map[string]struct {
		encoding, body string
		status         int
		info           string
	}{
		"good":               {"gzip", gzipped(paddedBody(limit)), 200, ""},
		"in capitals":        {"GZip", gzipped(paddedBody(500)), 200, ""},
		"one byte too long":  {"gzip", gzipped(paddedBody(limit + 1)), 400, "the body exceeds the limit of 100000 bytes (TABPY_MAX_REQUEST_SIZE_MB)"},
		"bomb":               {"gzip", gzipped(strings.Repeat("x", 100*limit)), 400, "the body exceeds the limit of 100000 bytes (TABPY_MAX_REQUEST_SIZE_MB)"},
		"cut":                {"gzip", gzipped(paddedBody(500))[:40], 400, "unexpected EOF"},
		"cut in the header":  {"gzip", gzipped("")[:5], 400, "unexpected EOF"},
		"empty":              {"gzip", " ", 400, "unexpected EOF"},
		"no gzip":            {"gzip", "not gzip at all", 400, "gzip: invalid header"},
		"wrong checksum":     {"gzip", flipByte(gzipped(paddedBody(500)), -6), 400, "gzip: invalid checksum"},
		"two members":        {"gzip", gzipped(paddedBody(500), ""), 400, "gzip: the body has data after the first member"},
		"many empty members": {"gzip", gzipped(make([]string, 4000)...), 400, "gzip: the body has data after the first member"},
		"trailing garbage":   {"gzip", gzipped(paddedBody(500)) + "x", 400, "gzip: the body has data after the first member"},
		"other coding":       {"deflate", paddedBody(500), 200, ""},
		"two codings":        {"gzip, gzip", paddedBody(500), 200, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := srv.do("POST", "/evaluate", c.body, "Content-Encoding", c.encoding)
			if c.status == 200 {
				if got.StatusCode != 200 {
					t.Errorf("status %d %s, want 200", got.StatusCode, got.body)
				}
				return
			}
			got.want(t, c.status, `{"message": "The request body could not be read.", "info": "`+c.info+`"}`)
		})
	}
	waitFor(t, "an empty budget", func() bool { return srv.api.budget.used() == 0 })
}

func flipByte(s string, at int) string {
	b := []byte(s)
	b[len(b)+at] ^= 1
	return string(b)
}

func TestGzipRequestsOff(t *testing.T) {
	srv := newTestServer(t, func(c *Config) { c.GzipRequests = false })
	body := gzipped("x")
	srv.do("POST", "/evaluate", body, "Content-Encoding", "gzip")
	if got := string(srv.engine.Last().Body); got != body {
		t.Errorf("the evaluator got the body %q, want it unchanged", got)
	}
	if got := srv.do("GET", "/info", ""); !strings.Contains(got.body, `"gzip_enabled": false`) {
		t.Error(got.body)
	}
}

// The buffer grows with the bytes that arrive, regardless of the announced size.
func TestReadBoundedGrowsWithInput(t *testing.T) {
	for _, c := range []struct{ sent, size, limit, reserved int64 }{
		{0, 0, 1000, 1}, {1000, 1000, 1000, 1001}, {1000, -1, 1000, 1001}, {999, -1, 1 << 30, initialBuffer}, {10, 100 << 20, 100 << 20, initialBuffer},
		{initialBuffer, initialBuffer, 1 << 30, initialBuffer + 1}, {initialBuffer + 1, 100 << 20, 100 << 20, 8 * initialBuffer},
		{5 * initialBuffer, 5 * initialBuffer, 1 << 30, 5*initialBuffer + 1}, {5 * initialBuffer, -1, 1 << 30, 8 * initialBuffer},
	} {
		mem := &fakeMemory{limit: 1 << 30}
		body, err := readBounded(io.LimitReader(zeroReader{}, c.sent), c.size, c.limit, mem)
		if err != nil || int64(len(body)) != c.sent || mem.used != c.reserved || mem.used != int64(cap(body)) {
			t.Errorf("%+v: read %d bytes, reserved %d, error %v", c, len(body), mem.used, err)
		}
	}
}

// fakeMemory counts the reserved bytes and has a limit.
type fakeMemory struct{ limit, used, peak int64 }

func (m *fakeMemory) reserve(n int64) error {
	if m.used+n > m.limit {
		return errBudgetExceeded
	}
	m.used += n
	m.peak = max(m.peak, m.used)
	return nil
}

func (m *fakeMemory) release(n int64) { m.used -= n }

func TestReadBoundedLimits(t *testing.T) {
	mem := &fakeMemory{limit: 10 * initialBuffer}
	if _, err := readBounded(zeroReader{}, -1, 5*initialBuffer, mem); !errors.Is(err, errOverLimit) {
		t.Errorf("an endless body: error %v, want %v", err, errOverLimit)
	}
	// While the buffer grows from 4 to 8 units, both exist.
	if _, err := readBounded(zeroReader{}, -1, 1<<30, &fakeMemory{limit: 11 * initialBuffer}); err != errBudgetExceeded {
		t.Errorf("error %v, want %v", err, errBudgetExceeded)
	}
	if _, err := readBounded(iotest.ErrReader(io.ErrUnexpectedEOF), 5, 10, mem); err != io.ErrUnexpectedEOF {
		t.Errorf("error %v, want %v", err, io.ErrUnexpectedEOF)
	}
}

// The total size of bodies and pending responses is limited. Beyond the limit, requests get 503.
func TestBudget(t *testing.T) {
	srv := newTestServer(t, func(c *Config) { c.MaxRequestBytes, c.MaxBufferedBytes = 1<<20, 9<<18 })
	echoLength(srv, "len")
	started := make(chan struct{}, 1)
	release := make(chan struct{})
	srv.engine.On("wait", func(context.Context, runtime.Call, jsonText) (runtime.Result, error) {
		started <- struct{}{}
		<-release
		return runtime.Result{Body: []byte("1")}, nil
	})
	done := make(chan reply)
	go func() { done <- srv.do("POST", "/evaluate", strings.Replace(paddedBody(700<<10), "len", "wait", 1)) }()
	<-started
	held := srv.api.budget.used()
	got := srv.do("POST", "/evaluate", paddedBody(700<<10))
	got.want(t, 503, `{"message": "The server is busy.", "info": "The request bodies and responses of this client in memory reached its share of their limit of 2304 KB (TABCELL_BUFFER_MB)."}`)
	got.wantHeader(t, "Retry-After", "1")
	waitFor(t, "the release of the refused body", func() bool { return srv.api.budget.used() == held })
	srv.do("POST", "/evaluate", paddedBody(100)).want(t, 200, "100")
	close(release)
	(<-done).want(t, 200, "1")
	waitFor(t, "an empty budget", func() bool { return srv.api.budget.used() == 0 })
	srv.do("POST", "/evaluate", paddedBody(700<<10)).want(t, 200, fmt.Sprint(700<<10))
	waitFor(t, "an empty budget", func() bool { return srv.api.budget.used() == 0 })
}

// A response counts until the client has read it. Another one that does not fit is dropped.
func TestResponsesCountAgainstBudget(t *testing.T) {
	srv := newTestServer(t, func(c *Config) { c.MaxRequestBytes, c.MaxBufferedBytes = 1<<20, 128<<20 })
	srv.engine.On("big", runtimetest.Returns(strings.Repeat("x", 64<<20)))
	conn, err := net.Dial("tcp", srv.addr)
	if err != nil {
		t.Fatal(err)
	}
	body := `{"script": "big", "data": {}}`
	_, _ = io.WriteString(conn, headWithLength(len(body))+body) // without reading the response
	waitFor(t, "the reservation of the response", func() bool { return srv.api.budget.used() > 32<<20 })
	if got := srv.script("big"); got.StatusCode != 507 {
		t.Errorf("status %d, %d bytes; want 507", got.StatusCode, len(got.body))
	}
	if used := srv.api.budget.used(); used > 66<<20 {
		t.Errorf("%d bytes are reserved after the second response was dropped", used)
	}
	srv.script("return 1").want(t, 200, "1")
	_ = conn.Close()
	waitFor(t, "an empty budget", func() bool { return srv.api.budget.used() == 0 })
	if got := srv.script("big"); got.StatusCode != 200 {
		t.Errorf("status %d, want 200", got.StatusCode)
	}
}

func TestEmptyGzipBody(t *testing.T) {
	srv := newTestServer(t, nil)
	got := srv.raw(postHead("Content-Encoding: gzip\r\nTransfer-Encoding: chunked")+"0\r\n\r\n", true)
	if len(got) != 1 || got[0].StatusCode != 400 || !strings.Contains(got[0].body, "unexpected EOF") {
		t.Errorf("responses %v", got)
	}
}

// A client that sends Expect: 100-continue is refused before it sends a body that is too large.
func TestExpectContinue(t *testing.T) {
	srv := newTestServer(t, func(c *Config) { c.MaxRequestBytes = 1000 })
	got := srv.raw(postHead("Expect: 100-continue\r\nContent-Length: 1000000"), true)
	if len(got) != 1 || got[0].StatusCode != 413 || !got[0].Close {
		t.Errorf("responses %v", got)
	}
	body := `{"script": "return 1", "data": {}}`
	got = srv.raw(postHead(fmt.Sprintf("Connection: close\r\nExpect: 100-continue\r\nContent-Length: %d", len(body)))+body, true)
	if len(got) != 2 || got[0].StatusCode != 100 || got[1].body != "1" {
		t.Errorf("responses %v", got)
	}
}

// Empty blocks count by their compressed size.
func TestGzipWithEmptyBlocks(t *testing.T) {
	srv := newTestServer(t, func(c *Config) { c.MaxRequestBytes = 1000 })
	deflated := strings.Repeat("\x00\x00\x00\xff\xff", 1000) + "\x01\x00\x00\xff\xff"
	body := "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff" + deflated + strings.Repeat("\x00", 8)
	r := newRequest(t, context.Background(), "http://"+srv.addr+"/evaluate", "")
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), -1
	r.Header.Set("Content-Encoding", "gzip")
	srv.send(r).want(t, 400, `{"message": "The request body could not be read.", "info": "unexpected EOF"}`)
}
