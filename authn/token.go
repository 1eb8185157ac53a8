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

// sentence is an error that is a whole sentence for the log, in TabPy's or PyJWT's words.
type tabpyError string

func (e tabpyError) Error() string { return string(e) }

func tabpyErrorf(format string, args ...any) error { return tabpyError(fmt.Sprintf(format, args...)) }

// Claims is what a verified token says about its bearer.
type Claims struct {
	Subject string   // the claim "sub", or ""
	Scopes  []string // the words of the claim "scope"; none when it is missing or is no text
}

// Tokens judges bearer tokens as TabPy 2.16 does with PyJWT 2.15. It is safe for many goroutines.
type Tokens struct {
	issuer   string
	audience string // "" accepts any
	required []string
	keys     keySource
	now      func() time.Time
}

// keySource finds the key by which a token names its signer. "" is a name that no key has. It says why there is none in TabPy's words.
type keySource interface {
	find(ctx context.Context, kid string) (*verifyKey, error)
	close()
}

// NewTokens checks the address of the key set as TabPy does at its start: its host is looked up, which may take ten seconds, and addresses that
// are not public are refused. A key set in a file is read at once, one at an address when the first token comes. Warnings go to log, and later
// whatever happens to the key set.
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
			log.Warn().Msg("TABPY_OAUTH_JWKS_URI is not used: the keys come from TABCELL_OAUTH_JWKS_FILE")
		}
		return openKeyFile(cfg.KeySetFile, log)
	}
	fetcher, err := newFetcher(cfg, http.ProxyFromEnvironment, log)
	if err != nil {
		return nil, err
	}
	return newRemoteKeys(fetcher.displayURL, fetcher.fetch, log), nil
}

// Close ends a fetch that is under way. Tokens are judged by what is known, after it.
func (t *Tokens) Close() { t.keys.close() }

// RequiredScopes are the scopes without which no token is accepted, as configured.
func (t *Tokens) RequiredScopes() []string { return t.required }

// Verify judges a token: its form, its key, its algorithm and signature, its claims, its scopes, in this order. It waits for the key set
// where it has to, eleven seconds at most. The error is a sentence for the log, as TabPy writes it, and never holds the token; the client is
// told nothing of it.
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

func signingKeyError(err error) error {
	return fmt.Errorf("Unable to resolve JWT signing key: %w", err)
}

// checkScopes wants all required scopes. Without such, a claim that is no text counts as none, as TabPy has it.
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
