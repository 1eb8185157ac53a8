package authn

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"

	"github.com/rs/zerolog"
)

// Limits of a response, in bytes. Real key sets have a few KiB.
const (
	maxKeySetSize = 1 << 20
	maxHeaderSize = 64 << 10
)

// fetcher fetches a key set by GET over https, without following redirects. It uses the system's
// trust store (on Linux, SSL_CERT_FILE if it is set) and the proxy that the environment sets.
type fetcher struct {
	address    string
	displayURL string // for messages: without user, password and query
	client     *http.Client
	remote     func(context.Context) ([]byte, error) // if not nil, fetches in place of client
	log        *zerolog.Logger
}

// NewKeyGetter returns a function that fetches the key set at cfg.JWKSURI, for a process that does
// this for another one. It returns an error if the host of the key set is not permitted.
func NewKeyGetter(cfg TokenConfig, log *zerolog.Logger) (func(context.Context) ([]byte, error), error) {
	f, err := newFetcher(cfg, http.ProxyFromEnvironment, log)
	if err != nil {
		return nil, err
	}
	return f.get, nil
}

// newFetcher checks that the host of the key set is public, as TabPy does at startup.
func newFetcher(cfg TokenConfig, proxyFor func(*http.Request) (*url.URL, error), log *zerolog.Logger) (*fetcher, error) {
	request, err := http.NewRequest(http.MethodGet, cfg.JWKSURI, nil)
	if err != nil || request.URL.Hostname() == "" {
		return nil, errors.New("TABPY_OAUTH_JWKS_URI is not a URL with a host; set it to one such as https://login.example.com/keys.json")
	}
	if cfg.Get != nil {
		return &fetcher{address: cfg.JWKSURI, displayURL: redactURL(request.URL), remote: cfg.Get, log: log}, nil
	}
	proxy, err := proxyFor(request)
	if err != nil {
		return nil, fmt.Errorf("the proxy that the environment sets for TABPY_OAUTH_JWKS_URI cannot be used: %w", err)
	}
	lookup := lookupFunc(lookupHost)
	if proxy != nil {
		log.Info().Str("proxy", proxy.Host).Msg("the key set is fetched through a proxy; the proxy resolves the host and must refuse internal addresses")
		lookup = lookupBehindProxy(log)
	}
	if err := checkHost(request.URL.Hostname(), cfg.AllowNonPublicJWKS, lookup, log); err != nil {
		return nil, err
	}
	return &fetcher{address: cfg.JWKSURI, displayURL: redactURL(request.URL), client: newClient(proxy, cfg.AllowNonPublicJWKS), log: log}, nil
}

// redactURL returns the URL without the parts that may be secret.
func redactURL(u *url.URL) string {
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

// newClient returns a client that connects to public addresses only, unless allowNonPublic is set.
// GAP: TabPy checks the address only at startup, so that the name can be pointed elsewhere later
// (DNS rebinding). Here every connection is checked, by the address that it connects to. A proxy
// may have any address, since the administrator chose it; the addresses that it connects to cannot
// be checked.
func newClient(proxy *url.URL, allowNonPublic bool) *http.Client {
	dialer := &net.Dialer{Timeout: fetchTimeout}
	if proxy == nil && !allowNonPublic {
		dialer.Control = refuseNonPublic
	}
	return &http.Client{
		Timeout:       fetchTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy:                  http.ProxyURL(proxy),
			DialContext:            dialer.DialContext,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
			ForceAttemptHTTP2:      true,
			DisableKeepAlives:      true, // the next fetch is minutes away
			MaxResponseHeaderBytes: maxHeaderSize,
		},
	}
}

// refuseNonPublic is called for each connection, after the name was resolved and before anything is
// sent.
func refuseNonPublic(_, address string, _ syscall.RawConn) error {
	target, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	if !isPublic(target.Addr()) {
		return fmt.Errorf("the address %s is not public (see TABPY_OAUTH_ALLOW_NONPUBLIC_JWKS)", target.Addr())
	}
	return nil
}

// fetch fetches the key set once. Errors begin with PyJWT's sentence.
func (f *fetcher) fetch(ctx context.Context) (keySet, error) {
	get := f.get
	if f.remote != nil {
		get = f.remote
	}
	data, err := get(ctx)
	if err != nil {
		//lint:ignore ST1005 PyJWT's text
		return nil, fmt.Errorf(`Fail to fetch data from the url, err: "%w"`, err)
	}
	set, skipped, err := parseKeySet(data)
	if len(skipped) > 0 {
		f.log.Info().Str("address", f.displayURL).Strs("skipped", skipped).Msg("some keys of the key set are not used")
	}
	return set, err
}

func (f *fetcher) get(ctx context.Context) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, f.address, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "tabcell")
	response, err := f.client.Do(request)
	if err != nil {
		return nil, withoutURL(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("HTTP Error %d: %s", response.StatusCode, http.StatusText(response.StatusCode))
	}
	return readKeySet(response.Body)
}

// withoutURL removes the URL from the client's error, since its query may contain a secret.
func withoutURL(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}

func readKeySet(r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxKeySetSize+1))
	if err == nil && len(data) > maxKeySetSize {
		err = fmt.Errorf("the key set is larger than the limit of %d KiB", maxKeySetSize>>10)
	}
	return data, err
}
