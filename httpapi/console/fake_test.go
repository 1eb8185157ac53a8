package console

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"tabcell/httpapi/console/faults"
	"tabcell/httpapi/console/load"
	"tabcell/runtime"
	"tabcell/runtime/runtimetest"
)

// accounts has the users of the fake server by their passwords, or by their tokens. It is safe for
// concurrent use.
type accounts struct {
	mu    sync.Mutex
	users map[string]User
}

func (a *accounts) set(secret string, u User) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.users[secret] = u
}

func (a *accounts) remove(secret string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.users, secret)
}

func (a *accounts) find(secret string) (User, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	u, ok := a.users[secret]
	return u, ok
}

// fakeServer is a console with the server in front of it.
type fakeServer struct {
	*Console
	t        testing.TB
	accounts *accounts
	engine   *runtimetest.FakeEngine
	url      URL
	now      time.Time

	mu     sync.Mutex
	events []Event // guarded by mu
}

var (
	errRefused   = errors.New("refused")
	errThrottled = errors.New("throttled")
)

func newFakeServer(t testing.TB, authenticates bool) *fakeServer {
	s := &fakeServer{
		t: t, accounts: &accounts{users: map[string]User{}}, engine: runtimetest.NewFakeEngine(),
		url: URL{Scheme: "http", Host: "tabcell.example"}, now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
	}
	cfg := Config{Port: "9004", EvaluateEnabled: true, MaxRequestBytes: 100 << 20, Timeout: time.Minute, Concurrency: 8}
	deps := Deps{
		Authenticates: authenticates, Methods: func() []string { return []string{"basic", "bearer"} },
		Load: load.New(func() load.Gauges { return load.Gauges{} }, time.Now), Faults: faults.New(), Endpoints: noEndpoints{},
		Anonymous: User{Roles: RoleEvaluate | RoleQuery | RoleDeploy | RoleMetrics},
	}
	c, err := newConsole(cfg, deps, func() time.Time { return s.now })
	if err != nil {
		t.Fatal(err)
	}
	s.Console = c
	return s
}

// client is a browser: it keeps the cookie and the CSRF token.
type client struct {
	*fakeServer
	cookie, csrf string
	headers      map[string]string
}

func (s *fakeServer) client() *client {
	c := &client{fakeServer: s, headers: map[string]string{}}
	c.csrf = c.session().CSRF
	return c
}

// signedIn returns a client that has signed in with a password.
func (s *fakeServer) signedIn(u User, password string) *client {
	s.t.Helper()
	s.accounts.set(password, u)
	c := s.client()
	if r := c.do("POST", "/session", `{"username": "u", "password": "`+password+`"}`); r.Code != 200 {
		s.t.Fatalf("sign-in: %d %s", r.Code, r.Body)
	}
	c.csrf = c.session().CSRF
	return c
}

func (c *client) session() (b sessionBody) {
	c.t.Helper()
	r := c.do("GET", "/session", "")
	if err := json.Unmarshal(r.Body.Bytes(), &b); err != nil || r.Code != 200 {
		c.t.Fatalf("GET /session: %d %s", r.Code, r.Body)
	}
	return b
}

// do sends a request to a resource and keeps the cookie of the response.
func (c *client) do(method, path, body string) *httptest.ResponseRecorder {
	return c.send(c.request(method, apiPath+path, body))
}

func (c *client) request(method, path, body string) *http.Request {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if c.cookie != "" {
		r.Header.Set("Cookie", c.cookie)
	}
	r.Header.Set(csrfHeader, c.csrf)
	for name, value := range c.headers {
		r.Header.Set(name, value)
	}
	return r
}

func (c *client) send(r *http.Request) *httptest.ResponseRecorder {
	w := c.serve(r)
	for _, cookie := range w.Result().Cookies() {
		c.cookie = cookie.Name + "=" + cookie.Value
	}
	return w
}

// serve serves a request as the server in front of the console does.
func (s *fakeServer) serve(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	resp, err := s.Serve(w, r, r.URL.EscapedPath(), &fakeExchange{server: s, r: r})
	if err != nil {
		w.Code = 499 // the client is gone
		return w
	}
	if resp.Status != 0 {
		w.Header().Set("Content-Type", resp.ContentType)
		w.WriteHeader(resp.Status)
		_, _ = w.Write(resp.Body)
	}
	return w
}

// code returns the code of a response with an error.
func code(t testing.TB, w *httptest.ResponseRecorder) string {
	t.Helper()
	var b struct{ Error errorBody }
	if err := json.Unmarshal(w.Body.Bytes(), &b); err != nil || b.Error.Message == "" || b.Error.Call != "call-1" {
		t.Fatalf("%d %s is not an error of the console (%v)", w.Code, w.Body, err)
	}
	return b.Error.Code
}

// noEndpoints implements Endpoints.
type noEndpoints struct{}

func (noEndpoints) List(string, int) ([]Endpoint, int)           { return nil, 0 }
func (noEndpoints) Get(string, URL, bool) (EndpointDetail, bool) { return EndpointDetail{}, false }

// fakeExchange implements Exchange.
type fakeExchange struct {
	server *fakeServer
	r      *http.Request
	user   User
}

func (x *fakeExchange) ID() string           { return "call-1" }
func (x *fakeExchange) Owner() string        { return x.user.Account }
func (x *fakeExchange) Public() URL          { return x.server.url }
func (x *fakeExchange) SetRoute(string)      {}
func (x *fakeExchange) SetUser(u User)       { x.user = u }
func (x *fakeExchange) HasCertificate() bool { return x.r.Header.Get("Test-Certificate") != "" }
func (x *fakeExchange) Fail(error)           {}
func (x *fakeExchange) Reserve(int64) error  { return nil }

func (x *fakeExchange) Record(e Event) {
	x.server.mu.Lock()
	defer x.server.mu.Unlock()
	x.server.events = append(x.server.events, e)
}

// Authenticate accepts the passwords and tokens of the accounts, and a certificate that has the name
// of one.
func (x *fakeExchange) Authenticate(_ context.Context, c Credentials, _ bool) (User, error) {
	secret := c.Password + c.Token
	if c.Certificate {
		secret = x.r.Header.Get("Test-Certificate")
	}
	if x.r.Header.Get("Test-Throttled") != "" {
		return User{}, errThrottled
	}
	u, ok := x.server.accounts.find(secret)
	if !ok {
		return User{}, errRefused
	}
	return u, nil
}

func (x *fakeExchange) Describe(err error) Failure {
	switch {
	case errors.Is(err, errRefused):
		return Failure{Status: 401, Message: "refused"}
	case errors.Is(err, errThrottled):
		return Failure{Status: 429, Message: "throttled", RetryAfter: 1500 * time.Millisecond}
	case errors.Is(err, runtime.ErrBusy):
		return Failure{Status: 503, Message: "busy", RetryAfter: time.Second}
	}
	return Failure{Status: 500}
}

func (x *fakeExchange) ReadBody(limit int64) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(x.r.Body, limit+1))
	if int64(len(body)) > limit {
		return nil, &TooLargeError{Size: x.r.ContentLength, Limit: limit}
	}
	return body, err
}

func (x *fakeExchange) Evaluate(ctx context.Context, body []byte) (runtime.Result, error) {
	return x.server.engine.Evaluate(ctx, runtime.Call{Body: body})
}

func (x *fakeExchange) Deploy(Upload) (Endpoint, bool, error)  { return Endpoint{}, true, nil }
func (x *fakeExchange) RollBack(string, int) (Endpoint, error) { return Endpoint{}, nil }
func (x *fakeExchange) Remove(string) error                    { return nil }
func (x *fakeExchange) Export(string) error                    { return nil }

// Query calls the script "query" of the engine.
func (x *fakeExchange) Query(ctx context.Context, _ string, body []byte) (runtime.Result, error) {
	return x.server.engine.Evaluate(ctx, runtime.Call{Body: append([]byte(`{"script": "query", `), body[1:]...)})
}
