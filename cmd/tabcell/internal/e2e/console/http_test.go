package console

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/e2e/harness"
)

const allRoles = "[TabPy]\nTABPY_PORT = ${PORT}\nTABPY_STATE_PATH = ${STATE_PATH}\nTABCELL_DEFAULT_ROLES = evaluate,query,deploy,metrics,admin\n"

// policy has the parts of the content security policy that keep scripts out.
var policy = []string{
	"default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "img-src 'self'", "base-uri 'none'",
	"frame-ancestors 'none'", "require-trusted-types-for 'script'", "trusted-types 'none'",
}

// TestPagesByHTTP reads every page of the console, and all files that they load. It needs no
// browser.
func TestPagesByHTTP(t *testing.T) {
	server := harness.StartServer(t, allRoles)
	for _, path := range []string{"", "/endpoints", "/endpoints/a%20b", "/load", "/errors", "/errors/0123", "/admin", "/manual", "/manual/models"} {
		page, text := get(t, server.URL+"/console"+path)
		html := string(unzip(t, page, text))
		if page.StatusCode != http.StatusOK || !strings.Contains(html, "<main") {
			t.Errorf("/console%s: status %d, %.300s", path, page.StatusCode, html)
		}
		for _, part := range policy {
			if got := page.Header.Get("Content-Security-Policy"); !strings.Contains(got+";", part+";") {
				t.Errorf("/console%s: the policy is %q, without %q", path, got, part)
			}
		}
		if found := regexp.MustCompile(`(?i)<style|<script[^>]*>[^<]|\son\w+=|\sstyle=|https?://`).FindString(html); found != "" {
			t.Errorf("/console%s has %q, which the policy forbids", path, found)
		}
	}
}

// reference matches the names of built files in a page and in other files.
var reference = regexp.MustCompile(`assets/([\w.-]+\.(?:js|css|svg))|"\./([\w.-]+\.js)"`)

// TestFilesByHTTP follows the names of files from the first page on. The files that it loads at
// once, compressed, have at most 250 kB.
func TestFilesByHTTP(t *testing.T) {
	server := harness.StartServer(t, allRoles)
	page, text := get(t, server.URL+"/console")
	sizes := map[string]int{}
	follow(t, server.URL+"/console/assets/", string(unzip(t, page, text)), sizes)
	if len(sizes) < 8 {
		t.Fatalf("found only the files %v", sizes)
	}
	total := 0
	for name, size := range sizes {
		if !strings.HasPrefix(name, "uPlot") { // loaded with the first chart
			total += size
		}
	}
	t.Logf("%d files with %d bytes, compressed", len(sizes), total)
	const maxBytes = 250_000
	if total > maxBytes {
		t.Errorf("the files have %d bytes, more than %d", total, maxBytes)
	}
}

// follow reads all files that content names, and those that they name, and records their sizes.
func follow(t *testing.T, base, content string, sizes map[string]int) {
	t.Helper()
	for _, m := range reference.FindAllStringSubmatch(content, -1) {
		name := m[1] + m[2]
		if _, seen := sizes[name]; seen {
			continue
		}
		file, text := get(t, base+name)
		if file.StatusCode != http.StatusOK || !strings.Contains(file.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: status %d, Cache-Control %q", name, file.StatusCode, file.Header.Get("Cache-Control"))
		}
		sizes[name] = len(text)
		follow(t, base, string(unzip(t, file, text)), sizes)
	}
}

// unzip returns the body of a response.
func unzip(t *testing.T, response *http.Response, body []byte) []byte {
	t.Helper()
	if response.Header.Get("Content-Encoding") != "gzip" {
		return body
	}
	r, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}
