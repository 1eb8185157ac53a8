// Package testenv has helpers that the tests of several packages share.
package testenv

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
	"time"
)

// Output is a stream that a test reads while it is written.
type Output struct {
	mu  sync.Mutex // guards b
	b   bytes.Buffer
	new chan struct{} // has room for one; filled after each write
}

func NewOutput() *Output { return &Output{new: make(chan struct{}, 1)} }

func (o *Output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	select {
	case o.new <- struct{}{}:
	default:
	}
	return o.b.Write(p)
}

func (o *Output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// Find waits until the stream matches, and returns the first group.
func (o *Output) Find(t testing.TB, pattern string) string {
	t.Helper()
	limit := time.After(10 * time.Second)
	for {
		if m := regexp.MustCompile(pattern).FindStringSubmatch(o.String()); m != nil {
			return m[len(m)-1]
		}
		select {
		case <-o.new:
		case <-limit:
			t.Fatalf("no %q in\n%s", pattern, o)
		}
	}
}

// CacheDir is TABCELL_TEST_CACHE, or a folder of the user's for all checkouts.
func CacheDir() string {
	if dir := os.Getenv("TABCELL_TEST_CACHE"); dir != "" {
		return dir
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		dir = os.TempDir()
	}
	return filepath.Join(dir, "tabcell-tests")
}

func WriteConfig(t testing.TB, config string) (file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "tabpy.conf")
	WriteFile(t, file, config)
	return file
}

func FreePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func WriteFile(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func ReadFile(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
