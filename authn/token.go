package authn

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/rs/zerolog"
)

// tabpyError is an error with the exact text that TabPy, or PyJWT in it, logs.
type tabpyError string

func (e tabpyError) Error() string { return string(e) }

func tabpyErrorf(format string, args ...any) error { return tabpyError(fmt.Sprintf(format, args...)) }

// Claims are the claims of a verified token that the server uses.
type Claims struct {
	Subject string   // the claim "sub", or ""
	Scopes  []string // the words of the claim "scope"; empty if it is missing or not a string
}

// Tokens verifies bearer tokens as TabPy 2.16 does with PyJWT 2.15. It is safe for concurrent use.
type Tokens struct {
	issuer   string
	audience string // "" accepts any
	required []string
	keys     keySource
	now      func() time.Time
}

// keySource finds the key with the kid that a token names. No key has the kid "". The error of find
// has TabPy's text.
type keySource interface {
	find(ctx context.Context, kid string) (*verifyKey, error)
	// prepare is Tokens.Prepare.
	prepare() (apply func(), err error)
	close()
}

// NewTokens checks the URL of the key set as TabPy does at startup: it resolves the host, which may
// take ten seconds, and refuses addresses that are not public. A key set in a file is read at once,
// one at a URL when the first token arrives. Warnings and later events of the key set are logged to
// log.
func NewTokens(cfg TokenConfig, log *zerolog.Logger) (*Tokens, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	keys, err := newKeySource(cfg, log)
	if err != nil {
		return nil, err
	}
	return &Tokens{issuer: cfg.Issuer, audience: cfg.Audience, required: splitScopes(cfg.RequiredScopes), keys: keys, now: time.Now}, nil
}

func newKeySource(cfg TokenConfig, log *zerolog.Logger) (keySource, error) {
	if cfg.KeySetFile != "" {
		if cfg.JWKSURI != "" {
			log.Warn().Msg("TABPY_OAUTH_JWKS_URI is ignored because TABCELL_OAUTH_JWKS_FILE is set")
		}
		return openKeyFile(cfg.KeySetFile, log)
	}
	fetcher, err := newFetcher(cfg, http.ProxyFromEnvironment, log)
	if err != nil {
		return nil, err
	}
	return newRemoteKeys(fetcher.displayURL, fetcher.fetch, log), nil
}

// Close cancels the fetch in progress. Keys that are known can still verify tokens.
func (t *Tokens) Close() { t.keys.close() }

// Prepare reads a key set file again; its keys take effect when apply is called. For a key set at a
// URL, apply starts a fetch in the background, and the present keys stay in use until it succeeds.
func (t *Tokens) Prepare() (apply func(), err error) { return t.keys.prepare() }

// RequiredScopes returns the configured scopes that every token must have.
func (t *Tokens) RequiredScopes() []string { return t.required }

// Verify verifies a token: its syntax, its key, its algorithm and signature, its claims and its
// scopes, in this order. If necessary, it waits for the key set, at most eleven seconds. The error
// has the text that TabPy logs and never contains the token. The client must not see it.
func (t *Tokens) Verify(ctx context.Context, token string) (Claims, error) {
	if token == "" {
		return Claims{}, tabpyError("Missing JWT")
	}
	parsed, err := parseToken(token)
	if err != nil {
		return Claims{}, signingKeyError(err)
	}
	key, err := t.keys.find(ctx, parsed.kid())
	if err != nil {
		return Claims{}, signingKeyError(err)
	}
	payload, err := parsed.verify(key)
	if err == nil {
		err = t.checkClaims(payload)
	}
	if err != nil {
		return Claims{}, fmt.Errorf("JWT validation failed: %w", err)
	}
	return t.checkScopes(payload)
}

// signingKeyError adds TabPy's prefix for errors before the signature is checked.
func signingKeyError(err error) error {
	//lint:ignore ST1005 TabPy's text
	return fmt.Errorf("Unable to resolve JWT signing key: %w", err)
}

// checkScopes returns an error if a required scope is missing. If none is required, a claim "scope"
// that is not a string counts as empty, as in TabPy.
func (t *Tokens) checkScopes(payload map[string]any) (Claims, error) {
	subject, _ := payload["sub"].(string)
	scope, isString := payload["scope"].(string)
	_, present := payload["scope"]
	if present && !isString && len(t.required) > 0 {
		return Claims{}, tabpyError("Unable to evaluate JWT scopes")
	}
	claims := Claims{Subject: subject, Scopes: strings.Fields(scope)}
	granted := func(scope string) bool { return slices.Contains(claims.Scopes, scope) }
	if missing := slices.DeleteFunc(slices.Clone(t.required), granted); len(missing) > 0 {
		return Claims{}, tabpyErrorf("JWT missing required scope(s): %s", strings.Join(missing, ", "))
	}
	return claims, nil
}
