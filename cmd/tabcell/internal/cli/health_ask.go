package cli

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"

	"tabcell/cmd/tabcell/internal/certs"
	"tabcell/cmd/tabcell/internal/term"
)

// healthAsker sends requests to the health checks of a server.
type healthAsker struct {
	http      *http.Client
	requested bool // the server requested a client certificate, and there was none
}

// healthAsker returns an asker with the options of the command. If local is set, the connection
// uses no proxy.
func (o healthOptions) healthAsker(local bool) (*healthAsker, error) {
	a := &healthAsker{}
	config := &tls.Config{InsecureSkipVerify: o.insecure} //nolint:gosec // healthHelp has the reason
	if o.ca != "" {
		pem, err := os.ReadFile(o.ca)
		if err != nil {
			return nil, err
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s has no certificates in PEM format", o.ca)
		}
	}
	config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
		a.requested = true
		return &tls.Certificate{}, nil
	}
	if o.client != (certs.Files{}) {
		pair, err := tls.LoadX509KeyPair(o.client.Certificate, o.client.Key)
		if err != nil {
			return nil, fmt.Errorf("the client certificate cannot be used: %w; --cert and --key belong together", err)
		}
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &pair, nil }
	}
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: config, DisableKeepAlives: true}
	if local {
		transport.Proxy = nil
	}
	a.http = &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return a, nil
}

// ask returns the state of the server at base. The error continues the server's URL.
func (a *healthAsker) ask(ctx context.Context, base string, live bool) (string, error) {
	path := "/health/ready"
	if live {
		path = "/health/live"
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, base+path, nil)
	if err != nil {
		return "", fmt.Errorf("cannot be asked: %w", err)
	}
	response, err := a.http.Do(r)
	switch {
	case err != nil && a.requested && !errors.Is(err, context.DeadlineExceeded):
		return "live; --cert and --key are needed to ask whether it is ready", nil
	case err != nil:
		return "", fmt.Errorf("did not respond: %w", err)
	}
	defer response.Body.Close()
	var body struct{ Status, Message, Info string }
	text, _ := io.ReadAll(io.LimitReader(response.Body, 64<<10))
	_ = json.Unmarshal(text, &body) // a proxy may send something else
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("is %s (status %d): %s", cmp.Or(body.Message, "not healthy"), response.StatusCode,
			cmp.Or(term.OneLine(body.Info), http.StatusText(response.StatusCode)))
	}
	return term.OneLine(cmp.Or(body.Status, "healthy")), nil
}
