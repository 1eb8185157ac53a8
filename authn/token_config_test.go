package authn

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rs/zerolog"
)

func validConfig() TokenConfig {
	return TokenConfig{Issuer: "https://idp.example/", JWKSURI: "https://127.0.0.1:9/keys.json", Audience: "api://tabpy", AllowNonPublicJWKS: true}
}

func TestTokenConfigValidate(t *testing.T) {
	const boundary = "OAuth requires a global resource authorization boundary"
	for name, c := range map[string]struct {
		change func(*TokenConfig)
		want   string
	}{
		"good":                  {func(*TokenConfig) {}, ""},
		"scopes, no audience":   {func(c *TokenConfig) { c.Audience, c.RequiredScopes = "", " ,a, " }, ""},
		"https in capitals":     {func(c *TokenConfig) { c.Issuer = "HTTPS://idp.example" }, ""},
		"file instead of URL":   {func(c *TokenConfig) { c.JWKSURI, c.KeySetFile = "", "keys.json" }, ""},
		"no boundary":           {func(c *TokenConfig) { c.Audience = "" }, boundary},
		"only commas as scopes": {func(c *TokenConfig) { c.Audience, c.RequiredScopes = "", " , ," }, boundary},
		"no issuer":             {func(c *TokenConfig) { c.Issuer = "" }, "TABPY_OAUTH_ISSUER must use https"},
		"issuer over http":      {func(c *TokenConfig) { c.Issuer = "http://idp" }, "TABPY_OAUTH_ISSUER must use https"},
		"no key set":            {func(c *TokenConfig) { c.JWKSURI = "" }, "TABPY_OAUTH_JWKS_URI must use https"},
		"key set over http":     {func(c *TokenConfig) { c.JWKSURI = "http://idp" }, "TABPY_OAUTH_JWKS_URI must use https"},
		"key set on disk":       {func(c *TokenConfig) { c.JWKSURI = "file:///keys.json" }, "TABPY_OAUTH_JWKS_URI must use https"},
	} {
		cfg := validConfig()
		c.change(&cfg)
		err := cfg.validate()
		if (err == nil) != (c.want == "") || err != nil && !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestNewTokens checks the errors and warnings at startup, and that nothing is fetched then: the
// address of the key set refuses connections.
func TestNewTokens(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	replaceWhole(t, path, keySetJSON("p256"))
	for name, c := range map[string]struct {
		change     func(*TokenConfig)
		want, logs string
	}{
		"non-public, allowed": {func(*TokenConfig) {}, "", "resolves to a non-public address (127.0.0.1)"},
		"non-public":          {func(c *TokenConfig) { c.AllowNonPublicJWKS = false }, `TABPY_OAUTH_JWKS_URI host "127.0.0.1" resolves to a non-public address (127.0.0.1): refusing to use it`, ""},
		"no host":             {func(c *TokenConfig) { c.JWKSURI = "https:///keys" }, "TABPY_OAUTH_JWKS_URI is not a URL", ""},
		"no URL":              {func(c *TokenConfig) { c.JWKSURI = "https://[" }, "TABPY_OAUTH_JWKS_URI is not a URL", ""},
		"unknown host":        {func(c *TokenConfig) { c.JWKSURI = "https://keys.invalid./" }, `Unable to resolve TABPY_OAUTH_JWKS_URI host "keys.invalid.": `, ""},
		"no issuer":           {func(c *TokenConfig) { c.Issuer, c.JWKSURI = "", "https://keys.invalid./" }, "TABPY_OAUTH_ISSUER must use https", ""},
		"file":                {func(c *TokenConfig) { c.JWKSURI, c.KeySetFile = "https://keys.invalid./", path }, "", "TABPY_OAUTH_JWKS_URI is ignored"},
		"file missing":        {func(c *TokenConfig) { c.KeySetFile = path + ".not" }, "TABCELL_OAUTH_JWKS_FILE cannot be used", ""},
	} {
		var log bytes.Buffer
		logger := zerolog.New(&log)
		cfg := validConfig()
		c.change(&cfg)
		tokens, err := NewTokens(cfg, &logger)
		if (err == nil) != (c.want == "") || err != nil && !strings.HasPrefix(err.Error(), c.want) || !strings.Contains(log.String(), c.logs) {
			t.Errorf("%s: %v, logged %s", name, err, log.String())
		}
		if err == nil {
			tokens.Close()
		}
	}
}

func TestTokensFromKeySetFile(t *testing.T) {
	path, nop := filepath.Join(t.TempDir(), "keys.json"), zerolog.Nop()
	replaceWhole(t, path, keySetJSON("p256"))
	cfg := validConfig()
	cfg.KeySetFile, cfg.RequiredScopes = path, "read, write"
	tokens, err := NewTokens(cfg, &nop)
	if err != nil || !slices.Equal(tokens.RequiredScopes(), []string{"read", "write"}) {
		t.Fatalf("NewTokens: %v", err)
	}
	defer tokens.Close()
	if got := verifyError(tokens, signers()["p256"].token(validClaims().with("exp", 4102444800).with("iat", 1))); got != "" {
		t.Errorf("a key that is in the file: %s", got)
	}
	if got := verifyError(tokens, signers()["rsa"].token(validClaims())); !strings.Contains(got, noMatch) {
		t.Errorf("a key that is not in the file: %q", got)
	}
}
