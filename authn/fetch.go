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

// Bounds of an answer, bytes. Real key sets have a few KiB.
const (
	maxKeySetSize = 1 << 20
	maxHeaderSize = 64 << 10
)

// fetcher gets a key set by GET over https, without redirects, by the system's trust store (on Linux that is SSL_CERT_FILE, where it is set)
// and the proxy that the environment names.
type fetcher struct {
	address    string
	displayURL string // without user, password and query
	client     *http.Client
	log        *zerolog.Logger
}

// newFetcher checks where the address leads to, as TabPy does at its start.
func newFetcher(cfg TokenConfig, proxyFor func(*http.Request) (*url.URL, error), log *zerolog.Logger) (*fetcher, error) {
	request, err := http.NewRequest(http.MethodGet, cfg.JWKSURI, nil)
	if err != nil || request.URL.Hostname() == "" {
		return nil, errors.New("TABPY_OAUTH_JWKS_URI is not an address that can be fetched: it must be like https://login.example.com/keys.json")
	}
	proxy, err := proxyFor(request)
	if err != nil {
		return nil, fmt.Errorf("the proxy for TABPY_OAUTH_JWKS_URI, named in the environment, cannot be used: %w", err)
	}
	lookup := lookupHost
	if proxy != nil {
		log.Info().Str("proxy", proxy.Host).Msg("the key set is fetched through a proxy, which looks up its address and must guard it")
		lookup = lookupBehindProxy(log)
	}
	if err := checkHost(request.URL.Hostname(), cfg.AllowNonPublicJWKS, lookup, log); err != nil {
		return nil, err
	}
	return &fetcher{address: cfg.JWKSURI, displayURL: redactURL(request.URL), client: newClient(proxy, cfg.AllowNonPublicJWKS), log: log}, nil
}

// shownURL leaves out what may be secret.
func redactURL(u *url.URL) string {
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

// newClient makes a client that connects to public addresses only, unless allowed otherwise. GAP: TabPy checks the address at its start only,
// so that a name can be made to lead elsewhere later; here each connection is checked, and it is the address connected to that is. A proxy is
// where the administrator put it, and what it connects to is not seen here.
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

// refuseNonPublic runs for each connection, when names are resolved already and nothing was sent yet.
func refuseNonPublic(_, address string, _ syscall.RawConn) error {
	target, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	if !isPublic(target.Addr()) {
		return errors.New("the address is not public (see TABPY_OAUTH_ALLOW_NONPUBLIC_JWKS)")
	}
	return nil
}

// fetch gets the key set once. Errors begin as PyJWT's do.
func (f *fetcher) fetch(ctx context.Context) (keySet, error) {
	data, err := f.get(ctx)
	if err != nil {
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

// withoutURL takes the address out of a client's error: its query may hold a secret.
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
		err = fmt.Errorf("the key set is larger than %d KiB", maxKeySetSize>>10)
	}
	return data, err
}
