package httpapi

import (
	"bytes"
	"compress/gzip"
	"crypto/sha512"
	"encoding/hex"
	"io"
	"net/http"
	"os"
	"path/filepath"
	goruntime "runtime"
	"strings"
	"testing"
	"time"
)

func writeFile(t testing.TB, dir, name, text string) {
	t.Helper()
	file := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

var longText = strings.Repeat("long ", 1000)

// newStaticServer serves a folder of files. Next to the folder is a secret file.
func newStaticServer(t testing.TB, configure func(*Config)) (*testServer, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "static")
	writeFile(t, dir, "index.html", "<p>mine")
	writeFile(t, dir, "sub/index.html", "<p>sub")
	writeFile(t, dir, "empty/.keep", "")
	writeFile(t, dir, "ten.txt", "0123456789")
	writeFile(t, dir, "long.js", longText)
	writeFile(t, dir, "long.bin", longText)
	writeFile(t, dir, "sp ace%.txt", "space")
	writeFile(t, dir, "favicon.ico", "icon")
	writeFile(t, dir, "../secret.txt", "secret")
	return newTestServer(t, func(c *Config) {
		c.StaticPath = dir
		if configure != nil {
			configure(c)
		}
	}), dir
}

func TestStaticFiles(t *testing.T) {
	srv, dir := newStaticServer(t, func(c *Config) { c.CORS.Origin = "*" })
	if goruntime.GOOS != "windows" {
		for name, target := range map[string]string{"out.txt": "../secret.txt", "abs.txt": filepath.Join(dir, "ten.txt"), "in.txt": "sub/../ten.txt"} {
			if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, c := range []struct {
		at     string
		status int
		body   string
		kind   string
	}{
		{"GET /", 200, "<p>mine", "text/html"},
		{"HEAD /", 200, "", "text/html"},
		{"GET /index.html", 200, "<p>mine", "text/html"},
		{"GET /sub/", 200, "<p>sub", "text/html"},
		{"GET /sub", 301, "", html},
		{"GET /sub/..", 301, "", html},
		{"GET /empty/", 404, pageText(404), html},
		{"GET /ten.txt?x=1", 200, "0123456789", "text/plain"},
		{"GET /ten.txt/", 200, "0123456789", "text/plain"},
		{"GET /sub/../ten.txt", 200, "0123456789", "text/plain"},
		{"GET /sub/%2e%2e%2ften.txt", 200, "0123456789", "text/plain"},
		{"GET /in.txt", 200, "0123456789", "text/plain"},
		{"GET /sp%20ace%25.txt", 200, "space", "text/plain"},
		{"GET /empty/.keep", 200, "", "application/octet-stream"},
		{"GET /static/ten.txt", 200, "0123456789", "text/plain"},
		{"GET /static/sub/index.html", 200, "<p>sub", "text/html"},
		{"GET /favicon.ico", 200, "icon", "image/vnd.microsoft.icon"},
		{"GET /robots.txt", 404, pageText(404), html},
		{"GET /static", 404, pageText(404), html},
		{"GET /ten.txt/x", 404, pageText(404), html},
		{"GET /" + strings.Repeat("a", 300), 404, pageText(404), html},
		{"GET /a%00b", 404, pageText(404), html},
		{"GET /%FF", 400, pageText(400), html},
		{"GET /query/a/b", 404, pageText(404), html},

		{"GET /static/", 403, pageText(403), html},
		{"GET /static/sub", 403, pageText(403), html},
		{"GET /../secret.txt", 403, pageText(403), html},
		{"GET /%2e%2e/secret.txt", 403, pageText(403), html},
		{"GET /..%2fsecret.txt", 403, pageText(403), html},
		{"GET /sub/../../secret.txt", 403, pageText(403), html},
		{"GET /sub/..%2f../secret.txt", 403, pageText(403), html},
		{"GET /static/../secret.txt", 403, pageText(403), html},
		{"GET /static/%2e%2e%2fsecret.txt", 403, pageText(403), html},
		{"GET /..", 403, pageText(403), html},
		{"GET //etc/hostname", 403, pageText(403), html},
		{"GET /%2fetc/hostname", 403, pageText(403), html},
		{"GET /out.txt", 403, pageText(403), html},
		{"GET /abs.txt", 403, pageText(403), html},

		{"POST /", 405, pageText(405), html},
		{"POST /ten.txt", 405, pageText(405), html},
		{"POST /static/x", 405, pageText(405), html},
		{"OPTIONS /ten.txt", 405, pageText(405), html},
		{"DELETE /favicon.ico", 405, pageText(405), html},
	} {
		if goruntime.GOOS == "windows" && (c.at == "GET /in.txt" || strings.HasSuffix(c.at, "out.txt") || strings.HasSuffix(c.at, "abs.txt")) {
			continue
		}
		t.Run(c.at, func(t *testing.T) {
			method, path, _ := strings.Cut(c.at, " ")
			got := srv.do(method, path, "")
			got.want(t, c.status, c.body)
			got.wantHeader(t, "Content-Type", c.kind)
			got.wantHeader(t, "Access-Control-Allow-Origin", "")
		})
	}
	srv.do("GET", "/sub", "").wantHeader(t, "Location", "/sub/")
}

func TestStaticHeaders(t *testing.T) {
	srv, dir := newStaticServer(t, nil)
	sum := sha512.Sum512([]byte("0123456789"))
	tag := `"` + hex.EncodeToString(sum[:]) + `"`
	for _, c := range []struct {
		headers []string
		status  int
		body    string
		ranges  string
	}{
		{nil, 200, "0123456789", ""},
		{[]string{"If-None-Match", tag}, 304, "", ""},
		{[]string{"If-None-Match", `"other", W/` + tag}, 304, "", ""},
		{[]string{"If-None-Match", `"other"`}, 200, "0123456789", ""},
		{[]string{"If-Modified-Since", "Fri, 01 Jan 2100 00:00:00 GMT"}, 304, "", ""},
		{[]string{"If-Modified-Since", "Fri, 01 Jan 1999 00:00:00 GMT"}, 200, "0123456789", ""},
		{[]string{"If-Match", `"other"`}, 200, "0123456789", ""},
		{[]string{"Range", "bytes=2-4"}, 206, "234", "bytes 2-4/10"},
		{[]string{"Range", "bytes=7-"}, 206, "789", "bytes 7-9/10"},
		{[]string{"Range", "bytes=-3"}, 206, "789", "bytes 7-9/10"},
		{[]string{"Range", "bytes=8-100"}, 206, "89", "bytes 8-9/10"},
		{[]string{"Range", "bytes=0-1,3-4"}, 200, "0123456789", ""},
		{[]string{"Range", "items=1-2"}, 200, "0123456789", ""},
		{[]string{"Range", "bytes=a-b"}, 200, "0123456789", ""},
		{[]string{"Range", "bytes=2-4", "If-Range", tag}, 206, "234", "bytes 2-4/10"},
		{[]string{"Range", "bytes=2-4", "If-Range", `"old"`}, 200, "0123456789", ""},
	} {
		got := srv.do("GET", "/ten.txt", "", c.headers...)
		got.want(t, c.status, c.body)
		got.wantHeader(t, "Etag", tag)
		got.wantHeader(t, "Content-Range", c.ranges)
		if len(got.TransferEncoding) > 0 {
			t.Error("the response is chunked")
		}
	}
	if got := srv.do("GET", "/ten.txt", "", "Range", "bytes=20-"); got.StatusCode != 416 || got.Header.Get("Content-Range") != "bytes */10" {
		t.Errorf("range beyond the end: status %d, headers %v", got.StatusCode, got.Header)
	}
	info, err := os.Stat(filepath.Join(dir, "ten.txt"))
	if err != nil {
		t.Fatal(err)
	}
	srv.do("GET", "/ten.txt", "").wantHeader(t, "Last-Modified", info.ModTime().UTC().Format(http.TimeFormat))
}

// A changed file has a new ETag immediately, although ETags are cached.
func TestStaticETagsFollowFile(t *testing.T) {
	srv, dir := newStaticServer(t, nil)
	first := srv.do("GET", "/ten.txt", "").Header.Get("Etag")
	writeFile(t, dir, "new.txt", "abcdefghij")
	if err := os.Rename(filepath.Join(dir, "new.txt"), filepath.Join(dir, "ten.txt")); err != nil {
		t.Fatal(err)
	}
	srv.do("GET", "/ten.txt", "", "If-None-Match", first).want(t, 200, "abcdefghij")
	later := time.Now().Add(time.Hour)
	writeFile(t, dir, "ten.txt", "ABCDEFGHIJ")
	if err := os.Chtimes(filepath.Join(dir, "ten.txt"), later, later); err != nil {
		t.Fatal(err)
	}
	second := srv.do("GET", "/ten.txt", "")
	second.want(t, 200, "ABCDEFGHIJ")
	srv.do("GET", "/ten.txt", "", "If-None-Match", second.Header.Get("Etag")).want(t, 304, "")
}

func TestETagCacheIsBounded(t *testing.T) {
	var tags etagCache
	info, err := os.Stat(".")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 * maxCachedETags {
		if _, err := tags.get(string(rune('a'+i)), strings.NewReader("x"), info); err != nil {
			t.Fatal(err)
		}
	}
	if len(tags.entries) > maxCachedETags {
		t.Errorf("the cache has %d ETags, want at most %d", len(tags.entries), maxCachedETags)
	}
}

func TestStaticCompression(t *testing.T) {
	srv, dir := newStaticServer(t, nil)
	writeFile(t, dir, "huge.txt", strings.Repeat("y", maxGzipFileSize+1))
	got := srv.do("GET", "/long.js", "", "Accept-Encoding", "gzip")
	got.wantHeader(t, "Content-Encoding", "gzip")
	if z, err := gzip.NewReader(strings.NewReader(got.body)); err != nil {
		t.Error(err)
	} else if plain, err := io.ReadAll(z); err != nil || string(plain) != longText || got.ContentLength != int64(len(got.body)) {
		t.Errorf("decompressed %d bytes, error %v; length %d", len(plain), err, got.ContentLength)
	}
	srv.do("GET", "/long.js", "", "Accept-Encoding", "gzip", "If-None-Match", got.Header.Get("Etag")).want(t, 304, "")
	for at, headers := range map[string][]string{
		"GET /long.js":  {"Accept-Encoding", "GZIP"},
		"GET /long.bin": {"Accept-Encoding", "gzip"},
		"GET /ten.txt":  {"Accept-Encoding", "gzip"},
		"GET /huge.txt": {"Accept-Encoding", "gzip"},
		"HEAD /long.js": {"Accept-Encoding", "gzip"},
		"GET /long.js ": {"Accept-Encoding", "gzip", "Range", "bytes=0-2000"},
	} {
		method, path, _ := strings.Cut(strings.TrimSpace(at), " ")
		srv.do(method, path, "", headers...).wantHeader(t, "Content-Encoding", "")
	}
	if used := srv.api.budget.used(); used != 0 {
		t.Errorf("%d bytes are still reserved", used)
	}
}

func TestStaticWithSubdirectory(t *testing.T) {
	srv, _ := newStaticServer(t, func(c *Config) { c.Subdirectory = "sub/dir" })
	for at, status := range map[string]int{"GET /sub/dir/": 200, "GET /sub/dir/ten.txt": 200, "GET /static/ten.txt": 200, "GET /favicon.ico": 200,
		"GET /": 404, "GET /ten.txt": 404, "GET /sub/dir": 404, "GET /sub/dir/static/ten.txt": 404, "GET /sub/dir//etc/hostname": 403,
		"POST /sub/dir/ten.txt": 405, "POST /favicon.ico": 405, "POST /ten.txt": 404} {
		method, path, _ := strings.Cut(at, " ")
		if got := srv.do(method, path, ""); got.StatusCode != status {
			t.Errorf("%s: status %d, want %d", at, got.StatusCode, status)
		}
	}
	srv.do("GET", "/sub/dir/sub", "").wantHeader(t, "Location", "/sub/dir/sub/")
}

func TestMissingStaticFolder(t *testing.T) {
	srv := newTestServer(t, func(c *Config) { c.StaticPath = filepath.Join(t.TempDir(), "none") })
	srv.do("GET", "/", "").want(t, 404, pageText(404))
	srv.do("GET", "/info/", "").want(t, 404, pageText(404))
}

// No path leads to the secret file next to the folder.
func FuzzStaticPaths(f *testing.F) {
	srv, _ := newStaticServer(f, nil)
	for _, seed := range []string{"/../secret.txt", "/..%2fsecret.txt", "/sub/..%252f../secret.txt", "/%2e%2e%5csecret.txt", "/..;/secret.txt",
		"/sub/./../../secret.txt", "/static/..%2f..%2fsecret.txt", "//secret.txt", "/ten.txt/../../secret.txt", "/%c0%ae%c0%ae/secret.txt"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, path string) {
		r, err := http.NewRequest("GET", "http://x/", nil)
		if err != nil {
			t.Fatal(err)
		}
		if r.URL, err = r.URL.Parse(path); err != nil || !strings.HasPrefix(r.URL.Path, "/") {
			return
		}
		w := &bodyRecorder{header: http.Header{}}
		srv.api.ServeHTTP(w, r)
		if strings.Contains(w.body.String(), "secret") {
			t.Errorf("path %q leads outside the folder", path)
		}
	})
}

// bodyRecorder is a ResponseWriter that records the body.
type bodyRecorder struct {
	header http.Header
	body   bytes.Buffer
}

func (r *bodyRecorder) Header() http.Header         { return r.header }
func (r *bodyRecorder) Write(p []byte) (int, error) { return r.body.Write(p) }
func (r *bodyRecorder) WriteHeader(int)             {}

// The policy must allow exactly the script of the landing page, and the script must not write HTML.
func TestLandingPolicy(t *testing.T) {
	page, err := landingContent{`http://<script>`, "'", `"></a>`, true}.page()
	if err != nil || bytes.Count(page, []byte("<script")) != 1 || bytes.Contains(page, []byte("innerHTML")) {
		t.Errorf("the page has several scripts, or its script writes HTML (%v):\n%s", err, page)
	}
	changed := bytes.Replace(page, []byte("fetch("), []byte("fetch ("), 1)
	if !strings.Contains(landingPolicy, scriptDigest(page)) || strings.Contains(landingPolicy, scriptDigest(changed)) {
		t.Errorf("the policy %s does not match the script of the page", landingPolicy)
	}
}

// landingOf returns the landing page of a server without authentication, as a direct client sees
// it.
func landingOf(t *testing.T, srv *testServer) string {
	t.Helper()
	page, err := landingContent{"http://" + srv.addr, "", "/health/ready", false}.page()
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}
