package endpoints

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"tabcell/cmd/tabcell/internal/certs"
	"tabcell/cmd/tabcell/internal/term"
)

// client sends requests to a server. It signs in if the server requires it.
type client struct {
	ctx      context.Context
	base     string // URL of the server, without a final slash
	http     *http.Client
	user     string
	password string
	token    string
	ask      func(prompt string, secret bool) (string, error)
	asked    bool   // for the user or the password
	found    string // how the server was found, for errors; "" if the user named it
}

// maxResponse is the maximum size of a response in bytes.
const maxResponse = 64 << 20

func newClient(ctx context.Context, base string, o Options) (*client, error) {
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" {
		return nil, fmt.Errorf("%q is not a valid server URL; write it like http://localhost:9004", base)
	}
	tlsConfig, err := trustOnly(o.CA, u.Hostname())
	if err != nil {
		return nil, err
	}
	return &client{
		ctx: ctx, base: strings.TrimSuffix(base, "/"), user: o.User, password: o.Password, token: o.Token, ask: o.Ask,
		http: &http.Client{
			Transport:     &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: tlsConfig},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

// trustOnly returns a TLS configuration that accepts only the certificates in a file, regardless of
// their names, and certificates for host that they signed. If file is empty, it returns nil, which
// means the system's certificate store.
func trustOnly(file, host string) (*tls.Config, error) {
	if file == "" {
		return nil, nil
	}
	trusted, err := certs.ReadChain(file)
	if err != nil {
		return nil, fmt.Errorf("the certificates to trust (--cacert): %w", err)
	}
	pool := x509.NewCertPool()
	for _, c := range trusted {
		pool.AddCert(c)
	}
	verify := func(state tls.ConnectionState) error {
		leaf := state.PeerCertificates[0]
		options := x509.VerifyOptions{Roots: pool, Intermediates: x509.NewCertPool(), DNSName: host}
		if slices.ContainsFunc(trusted, leaf.Equal) {
			options.DNSName = "" // the host may be localhost, and the certificate for the public name
		}
		for _, c := range state.PeerCertificates[1:] {
			options.Intermediates.AddCert(c)
		}
		_, err := leaf.Verify(options)
		return err
	}
	//nolint:gosec // VerifyConnection verifies the certificate
	return &tls.Config{InsecureSkipVerify: true, VerifyConnection: verify}, nil
}

// request sends a request and decodes the JSON of the response into result, unless that is nil. If
// the server requires authentication and no credentials are known, it asks for them and sends the
// request again.
func (c *client) request(method, path string, body []byte, result any) error {
	status, text, err := c.send(method, path, body)
	if err == nil && status == http.StatusUnauthorized && !c.hasCredentials() {
		if err := c.signIn(); err != nil {
			return err
		}
		status, text, err = c.send(method, path, body)
	}
	switch {
	case err != nil:
		return fmt.Errorf("the request to the server failed: %w%s", err, c.advice(err))
	case status < 200 || status > 299:
		return statusError(status, text)
	case result == nil:
		return nil
	}
	if err := json.Unmarshal(text, result); err != nil {
		return fmt.Errorf("%s%s returned an unexpected response: %w", c.base, path, err)
	}
	return nil
}

func (c *client) send(method, path string, body []byte) (int, []byte, error) {
	response, err := c.do(method, path, "application/json", bytes.NewReader(body), int64(len(body)))
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxResponse))
	return response.StatusCode, text, err
}

// do sends a request with a body of the given size. The caller must close the response's body.
func (c *client) do(method, path, contentType string, body io.Reader, size int64) (*http.Response, error) {
	r, err := http.NewRequestWithContext(c.ctx, method, c.base+path, body)
	if err != nil {
		return nil, err
	}
	r.ContentLength = size
	r.Header.Set("Content-Type", contentType)
	switch {
	case c.token != "":
		r.Header.Set("Authorization", "Bearer "+c.token)
	case c.hasCredentials():
		r.SetBasicAuth(c.user, c.password)
	}
	return c.http.Do(r)
}

// hasCredentials reports whether requests have credentials. If the server refuses those, the client
// does not ask for others, because the server counts each failed attempt.
func (c *client) hasCredentials() bool {
	return c.token != "" || c.asked || c.user != "" && c.password != ""
}

// signIn asks for the missing credentials, on a terminal or from lines of standard input.
func (c *client) signIn() error {
	c.asked = true
	var err error
	if c.user == "" {
		c.user, err = c.ask("Username: ", false)
	}
	if err == nil && c.password == "" {
		c.password, err = c.ask("Password: ", true)
	}
	if err == nil && c.user == "" {
		err = errors.New("the server requires authentication; set --user (or TABCELL_CLIENT_USER) and TABCELL_CLIENT_PASSWORD, " +
			"or TABCELL_CLIENT_TOKEN")
	}
	return err
}

// statusError converts the response of a failed request to an error.
func statusError(status int, text []byte) error {
	var body struct {
		Message string `json:"message"`
		Info    any    `json:"info"`
	}
	if json.Unmarshal(text, &body) != nil || body.Message == "" {
		return fmt.Errorf("the server returned status %d %s", status, http.StatusText(status))
	}
	if info, ok := body.Info.(string); ok && info != "" {
		body.Message += " " + info
	}
	return errors.New(term.OneLine(body.Message))
}
