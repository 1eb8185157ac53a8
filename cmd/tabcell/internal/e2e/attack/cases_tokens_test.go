//go:build attack && linux

package attack

import (
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/certs/certtest"
	"tabcell/cmd/tabcell/internal/testenv"
)

// tokenAttacks use bearer tokens. The others have passwords.
var tokenAttacks = []attack{
	{name: "tokens of unknown keys, a key set in a file", accounts: true, configure: keySetFile, run: tokens(unknownKey)},
	{name: "tokens of unknown keys, a slow key server", accounts: true, configure: keySetServer, run: tokens(unknownKey)},
	{name: "tokens with claims of 40 kB", accounts: true, configure: keySetFile, run: tokens(same(
		token(`{"alg": "EdDSA", "kid": "key"}`, `{"x": "`+strings.Repeat("x", 40_000)+`"}`)))},
	{name: "tokens with nested heads of 40 kB", accounts: true, configure: keySetFile, run: tokens(same(
		token(`{"alg": "EdDSA", "kid": "key", "x": `+strings.Repeat("[", 40_000), "{}")))},
	{name: "tokens with wrong signatures", accounts: true, configure: keySetFile, run: tokens(same(token(`{"alg": "EdDSA", "kid": "key"}`, `{"sub": "ann"}`)))},
}

// token returns a token with a wrong signature.
func token(head, claims string) string {
	b64 := base64.RawURLEncoding.EncodeToString
	return b64([]byte(head)) + "." + b64([]byte(claims)) + "." + b64(make([]byte, ed25519.SignatureSize))
}

// same returns a function that returns one token.
func same(token string) func(int64) string { return func(int64) string { return token } }

func unknownKey(n int64) string {
	return token(fmt.Sprintf(`{"alg": "EdDSA", "kid": "unknown %d"}`, n), "{}")
}

// tokens returns an attack that sends tokens. of has the number of the token.
func tokens(of func(n int64) string) func(context.Context, *testing.T, *victim) {
	return func(ctx context.Context, _ *testing.T, v *victim) {
		var n atomic.Int64
		c := &http.Client{Transport: &http.Transport{DialContext: dialer(attackerAddress).DialContext}}
		defer c.CloseIdleConnections()
		repeatWithout(ctx, bodyClients, func(ctx context.Context) {
			if r, err := http.NewRequestWithContext(ctx, http.MethodGet, v.url+"/info", nil); err == nil {
				r.Header.Set("Authorization", "Bearer "+of(n.Add(1)))
				_, _ = status(c, r)
			}
		})
	}
}

// oauth are the settings of all servers with tokens.
var oauth = []string{"TABCELL_OAUTH_ENABLED=true", "TABCELL_OAUTH_ISSUER=https://issuer.example", "TABCELL_OAUTH_AUDIENCE=tabcell"}

// keySet returns a key set with one key, of the name key.
func keySet(t *testing.T) string {
	public, _, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return `{"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "key", "x": "` + base64.RawURLEncoding.EncodeToString(public) + `"}]}`
}

func keySetFile(t *testing.T, _ *victim, _ []string) []string {
	path := filepath.Join(t.TempDir(), "keys.json")
	testenv.WriteFile(t, path, keySet(t))
	return append(oauth, "TABCELL_OAUTH_JWKS_FILE="+path)
}

// keySetServer starts a key server that takes a second for each response. At the end of the attack,
// it may have had few requests, however many tokens there were.
func keySetServer(t *testing.T, _ *victim, _ []string) []string {
	var fetches atomic.Int64
	set := keySet(t)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fetches.Add(1)
		time.Sleep(time.Second)
		_, _ = w.Write([]byte(set))
	}))
	authority := certtest.Authority(t, "authority", nil)
	issued := certtest.Issue(t, "localhost", authority, certtest.ForHosts("localhost", "127.0.0.1"))
	certificate, err := tls.LoadX509KeyPair(issued.WriteFiles(t, t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	s.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	s.StartTLS()
	t.Cleanup(s.Close)
	t.Cleanup(func() {
		const most = 4 // at the first token, for its key, and 30 seconds after that
		if n := fetches.Load(); n < 1 || n > most {
			t.Errorf("the key set was fetched %d times; want 1 to %d", n, most)
		}
	})
	path := filepath.Join(t.TempDir(), "authority.pem")
	testenv.WriteFile(t, path, authority.CertPEM())
	return append(oauth, "SSL_CERT_FILE="+path, "TABCELL_OAUTH_ALLOW_NONPUBLIC_JWKS=true", "TABCELL_OAUTH_JWKS_URI="+s.URL)
}
