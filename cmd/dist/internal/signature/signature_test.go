package signature

import (
	"crypto/rand"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"aead.dev/minisign"
)

// writeKey writes a new private key without password and returns its path.
func writeKey(t *testing.T) string {
	t.Helper()
	_, key, err := minisign.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	text, err := key.MarshalText()
	return write(t, "minisign.key", text, err)
}

// write writes a file into a new folder.
func write(t *testing.T, name string, content []byte, err error) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err = errors.Join(err, os.WriteFile(file, content, 0o600)); err != nil {
		t.Fatal(err)
	}
	return file
}

func noPassword() (string, error) { return "", errors.New("nobody is asked") }

// TestSign signs a file and verifies it with this program's library and, where it is installed,
// with minisign itself.
func TestSign(t *testing.T) {
	key, err := ReadKey(writeKey(t), noPassword)
	if err != nil {
		t.Fatal(err)
	}
	content := []byte(strings.Repeat("content ", 1<<17))
	file := write(t, "tabcell_1.0.0_amd64.deb", content, nil)
	if err := key.Sign(file, "tabcell 1.0.0"); err != nil {
		t.Fatal(err)
	}
	signature, err := minisign.SignatureFromFile(file + Extension)
	if err != nil || signature.TrustedComment != "tabcell 1.0.0 file:tabcell_1.0.0_amd64.deb" {
		t.Fatalf("the trusted comment is %q, error %v", signature.TrustedComment, err)
	}
	text, _ := signature.MarshalText()
	var public minisign.PublicKey
	if err := public.UnmarshalText([]byte(key.Public())); err != nil || !minisign.Verify(public, content, text) {
		t.Errorf("the signature does not verify, error %v", err)
	}
	t.Run("minisign", func(t *testing.T) { verifyWithMinisign(t, key.Public(), file) })
}

func verifyWithMinisign(t *testing.T, public, file string) {
	program, err := exec.LookPath("minisign")
	if err != nil {
		t.Skip("minisign is not installed; on Debian: apt-get install minisign")
	}
	out, err := exec.Command(program, "-V", "-P", public, "-m", file).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "Trusted comment: tabcell 1.0.0 file:") {
		t.Errorf("minisign -V: %v, %s", err, out)
	}
	if err := os.WriteFile(file, []byte("changed"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(program, "-V", "-P", public, "-m", file).CombinedOutput(); err == nil {
		t.Errorf("minisign accepts a changed file: %s", out)
	}
}

// TestMinisignKey reads a key that minisign itself has written. It is not encrypted, because that
// takes a gigabyte of memory; the encrypted key in testdata has the smallest parameters.
func TestMinisignKey(t *testing.T) {
	program, err := exec.LookPath("minisign")
	if err != nil {
		t.Skip("minisign is not installed; on Debian: apt-get install minisign")
	}
	dir := t.TempDir()
	secret, public := filepath.Join(dir, "s"), filepath.Join(dir, "p")
	if out, err := exec.Command(program, "-G", "-W", "-s", secret, "-p", public).CombinedOutput(); err != nil {
		t.Fatalf("minisign -G: %v, %s", err, out)
	}
	key, err := ReadKey(secret, noPassword)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(public); err != nil || !strings.Contains(string(text), key.Public()) {
		t.Errorf("the public key is %s, minisign wrote %s, error %v", key.Public(), text, err)
	}
}

func TestReadKey(t *testing.T) {
	encrypted, secret := filepath.Join("testdata", "encrypted.key"), write(t, "password", []byte("s3cret\n"), nil)
	for _, c := range []struct{ key, passwordFile, want string }{
		{encrypted, secret, ""},
		{encrypted, write(t, "password", []byte("other"), nil), "is the password correct?"},
		{encrypted, "missing", "missing"},
		{encrypted, "", "-password-file"},
		{write(t, "k", []byte("not a key"), nil), "", "k: "},
		{"missing", "", "missing"},
	} {
		stdin, err := os.Open(os.DevNull)
		if err != nil {
			t.Fatal(err)
		}
		defer stdin.Close()
		_, err = ReadKey(c.key, Password(c.passwordFile, stdin, io.Discard))
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("key %s, password file %s: error %v, want %q", c.key, c.passwordFile, err, c.want)
		}
	}
	stdin, err := os.Open(secret)
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	if _, err := ReadKey(encrypted, Password("-", stdin, io.Discard)); err != nil {
		t.Errorf("with the password on stdin: %v", err)
	}
}
