package endpoints

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tabcell/cmd/tabcell/internal/certs"
	"tabcell/cmd/tabcell/internal/term"
	"tabcell/runtime/registry"
)

// remoteStore is a store behind HTTP. It uses TabPy's routes and tabcell's own.
type remoteStore struct {
	ctx      context.Context
	base     string // without a slash at its end
	client   *http.Client
	user     string
	password string
	token    string
	ask      func(prompt string, secret bool) (string, error)
	asked    bool // for the password
}

// mostAnswer bounds an answer, bytes.
const mostAnswer = 64 << 20

// Dial prepares requests to a server; none is sent yet.
func Dial(ctx context.Context, base string, o Options) (Store, error) {
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" {
		return nil, fmt.Errorf("%q is no address of a server: write it like http://localhost:9004", base)
	}
	secrets, err := trustOnly(o.CA, u.Hostname())
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: secrets}
	return &remoteStore{
		ctx: ctx, base: strings.TrimSuffix(base, "/"), user: o.User, password: o.Password, token: o.Token, ask: o.Ask,
		client: &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}, nil
}

// trustOnly trusts the certificates of a file, whatever names they have, and those that they signed
// for the host; nil is the system's trust.
func trustOnly(file, host string) (*tls.Config, error) {
	if file == "" {
		return nil, nil
	}
	trusted, err := certs.ReadChain(file)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	for _, c := range trusted {
		pool.AddCert(c)
	}
	return &tls.Config{InsecureSkipVerify: true, VerifyConnection: func(state tls.ConnectionState) error { //nolint:gosec // verified below
		leaf := state.PeerCertificates[0]
		options := x509.VerifyOptions{Roots: pool, Intermediates: x509.NewCertPool(), DNSName: host}
		if slices.ContainsFunc(trusted, leaf.Equal) { // also at localhost, where a certificate for the public name is right
			options.DNSName = ""
		}
		for _, c := range state.PeerCertificates[1:] {
			options.Intermediates.AddCert(c)
		}
		_, err := leaf.Verify(options)
		return err
	}}, nil
}

// request sends one and reads the answer's JSON into answer, unless that is nil. Where the server
// wants to know who asks, and nobody has said so yet, a terminal is asked and the request sent
// again.
func (s *remoteStore) request(method, path string, body []byte, answer any) error {
	status, text, err := s.send(method, path, body)
	if err == nil && status == http.StatusUnauthorized && !s.signsIn() {
		if err := s.signIn(); err != nil {
			return err
		}
		status, text, err = s.send(method, path, body)
	}
	switch {
	case err != nil:
		return fmt.Errorf("the server cannot be asked: %w", err)
	case status < 200 || status > 299:
		return refusalOf(status, text)
	case answer == nil:
		return nil
	}
	if err := json.Unmarshal(text, answer); err != nil {
		return fmt.Errorf("%s%s does not answer as tabcell does: %w", s.base, path, err)
	}
	return nil
}

func (s *remoteStore) send(method, path string, body []byte) (int, []byte, error) {
	r, err := http.NewRequestWithContext(s.ctx, method, s.base+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	switch {
	case s.token != "":
		r.Header.Set("Authorization", "Bearer "+s.token)
	case s.signsIn():
		r.SetBasicAuth(s.user, s.password)
	}
	response, err := s.client.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, mostAnswer))
	return response.StatusCode, text, err
}

// signsIn tells whether requests say who asks. What was refused then is not tried again: each try
// counts as a guess.
func (s *remoteStore) signsIn() bool {
	return s.token != "" || s.asked || s.user != "" && s.password != ""
}

// signIn asks for what is not known yet: on a terminal, or from standard input, a line each.
func (s *remoteStore) signIn() error {
	s.asked = true
	var err error
	if s.user == "" {
		s.user, err = s.ask("Username: ", false)
	}
	if err == nil && s.password == "" {
		s.password, err = s.ask("Password: ", true)
	}
	if err == nil && s.user == "" {
		err = errors.New("the server wants to know who asks: name yourself (--user or TABCELL_CLIENT_USER, and TABCELL_CLIENT_PASSWORD, or TABCELL_CLIENT_TOKEN)")
	}
	return err
}

// refusalOf is a server's error: its message, and its info where that is text.
func refusalOf(status int, text []byte) error {
	var told struct {
		Message string `json:"message"`
		Info    any    `json:"info"`
	}
	if json.Unmarshal(text, &told) != nil || told.Message == "" {
		return fmt.Errorf("the server answers %d %s", status, http.StatusText(status))
	}
	if info, ok := told.Info.(string); ok && info != "" {
		told.Message += " " + info
	}
	return errors.New(term.OneLine(told.Message))
}

func (s *remoteStore) List() ([]Endpoint, error) {
	var all map[string]Endpoint
	var states map[string]struct{ Status string }
	err := s.request("GET", "/endpoints", nil, &all)
	if err == nil {
		err = s.request("GET", "/status", nil, &states)
	}
	views := []Endpoint{}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		e := all[name]
		e.Name, e.Status = name, states[name].Status
		views = append(views, e)
	}
	return views, err
}

func (s *remoteStore) Show(name string) (e Endpoint, err error) {
	return e, s.request("GET", "/endpoints/"+url.PathEscape(name)+"/usage.json", nil, &e)
}

// Deploy sends the code with the request: no folder has to be shared.
func (s *remoteStore) Deploy(_ context.Context, d registry.Deployment) (int, error) {
	body := map[string]any{
		"name": d.Name, "type": registry.TypeModel, "description": d.Description, "is_public": d.Public, "override": d.Replace,
		"dependencies": d.Dependencies, "function": d.Code.Function, "requires": append([]string{}, d.Code.Requires...),
	}
	if d.Docstring != "" {
		body["docstring"] = d.Docstring
	}
	if d.Schema != nil {
		body["schema"] = d.Schema
	}
	switch {
	case d.Target != "":
		body["type"], body["target"] = registry.TypeAlias, d.Target
	case d.Code.Kind == registry.Source:
		body["source"] = string(d.Code.Content)
	default:
		body["archive"] = base64.StdEncoding.EncodeToString(d.Code.Content)
	}
	text, err := json.Marshal(body)
	if err != nil {
		return 0, err
	}
	return s.changed("POST", "/endpoints", text, d.Name)
}

// changed sends a change and returns the endpoint's version after it.
func (s *remoteStore) changed(method, path string, body []byte, name string) (int, error) {
	var all map[string]Endpoint
	err := s.request(method, path, body, &all)
	return all[name].Version, err
}

func (s *remoteStore) Rollback(name string, to int) (int, error) {
	path := "/endpoints/" + url.PathEscape(name) + "/rollback"
	if to > 0 {
		path += "?to=" + strconv.Itoa(to)
	}
	return s.changed("POST", path, nil, name)
}

func (s *remoteStore) Remove(name string) error {
	return s.request("DELETE", "/endpoints/"+url.PathEscape(name), nil, nil)
}

func (s *remoteStore) Export(io.Writer, []string) (int, error) { return 0, ErrNoExport }

func (s *remoteStore) Close() error {
	s.client.CloseIdleConnections()
	return nil
}
