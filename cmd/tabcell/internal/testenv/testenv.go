// Package testenv contains helpers that the tests of several packages share.
package testenv

import (
	"crypto/tls"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
)

// CacheDir returns the folder of compiled guests that all tests share: TABCELL_TEST_CACHE, or else
// a folder in the user's cache folder, so that all checkouts use the same.
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

// WriteConfig writes a configuration file to a temporary folder and returns its path.
func WriteConfig(t testing.TB, config string) (file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "tabpy.conf")
	WriteFile(t, file, config)
	return file
}

// FreePort returns a TCP port of 127.0.0.1 that was free when it was chosen.
func FreePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// WriteFile writes text to the file at path, which it creates with mode 0600 if necessary.
func WriteFile(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// ReadFile returns the content of the file at path.
func ReadFile(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// File returns the path of the named file of the repository. name is relative to the root of the
// repository and uses slashes.
func File(name string) string {
	dir, err := os.Getwd()
	if err != nil {
		panic(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(dir, filepath.FromSlash(name))
		}
		if filepath.Dir(dir) == dir {
			panic("testenv: the working directory is not in the repository")
		}
		dir = filepath.Dir(dir)
	}
}

// AnyCertificate is an HTTP client that accepts any certificate.
var AnyCertificate = &http.Client{Transport: &http.Transport{
	DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
}}
