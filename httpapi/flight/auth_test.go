package flight

import (
	"context"
	"encoding/base64"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"

	"tabcell/httpapi"
	"tabcell/httpapi/flight/flightpb"
)

// accounts is an authenticator with passwords and one token.
type accounts struct {
	mu        sync.Mutex
	passwords map[string]string
	roles     httpapi.Roles
	checks    int
	throttled bool
}

func (a *accounts) Authenticate(_ context.Context, c httpapi.Credentials) (httpapi.User, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.checks++
	if a.throttled {
		return httpapi.User{}, &httpapi.ThrottledError{Reason: "too many", RetryAfter: time.Minute}
	}
	user := httpapi.User{Name: c.Name, Roles: a.roles, Account: "Basic " + strings.ToLower(c.Name)}
	switch {
	case len(c.Chains) > 0 && c.Scheme == "":
		user.Name, user.Scopes = c.Chains[0][0].Subject.CommonName, httpapi.AllRoles
		user.Account = "Certificate " + user.Name
		if user.Name == "unknown" {
			return httpapi.User{}, &httpapi.CertificateError{Reason: "the certificate of unknown has no account"}
		}
		return user, nil
	case strings.EqualFold(c.Scheme, "bearer") && c.Token == "jwt":
		user.Name, user.Account = "", "Bearer sub" // and no scopes
		return user, nil
	case c.WellFormed && strings.EqualFold(c.Scheme, "basic") && a.passwords[c.Name] != "" && a.passwords[c.Name] == c.Password:
		user.Scopes = httpapi.AllRoles
		return user, nil
	}
	return httpapi.User{Name: c.Name}, &httpapi.UnauthorizedError{Reason: "wrong password"}
}

func (a *accounts) Challenge(httpapi.Credentials) string { return "Basic" }
func (a *accounts) Methods() httpapi.AuthMethods         { return httpapi.AuthMethods{Basic: true} }

func newAuthServer(t *testing.T, configure func(*httpapi.Config, *httpapi.Deps)) (*testServer, *accounts) {
	a := &accounts{passwords: map[string]string{"user1": "P@ss:w0rd", "user2": "second"}, roles: httpapi.DefaultRoles}
	return newServer(t, func(cfg *httpapi.Config, deps *httpapi.Deps) {
		deps.Authenticator = a
		if configure != nil {
			configure(cfg, deps)
		}
	}), a
}

func basicHeader(name, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(name+":"+password))
}

func TestCredentials(t *testing.T) {
	s, _ := newAuthServer(t, nil)
	for header, want := range map[string]string{
		basicHeader("user1", "P@ss:w0rd"):             "",
		"bAsIc " + basicHeader("user2", "second")[6:]: "",
		"Bearer jwt":                  "",
		"":                            "No credentials supplied",
		"Digest x":                    "No credentials supplied",
		"Basic":                       "No credentials supplied",
		"Basic a b":                   "No credentials supplied",
		basicHeader("user1", "wrong"): "Invalid credentials",
		"Basic !" + basicHeader("user1", "P@ss:w0rd")[6:]: "Invalid credentials",
		"Bearer other": "Invalid credentials",
		"Basic " + base64.StdEncoding.EncodeToString([]byte{'a', ':', 0xff}): "Invalid credentials",
	} {
		ctx := t.Context()
		if header != "" {
			ctx = basic(ctx, header)
		}
		_, err := s.client.GetFlightInfo(ctx, path("none"))
		if want == "" {
			wantStatus(t, err, codes.NotFound, "'Flight not found.'")
		} else {
			wantStatus(t, err, codes.Unauthenticated, want)
		}
	}
	twice := basic(basic(t.Context(), basicHeader("user2", "second")), basicHeader("user2", "second"))
	_, err := s.client.GetFlightInfo(twice, path("none"))
	wantStatus(t, err, codes.NotFound, "")
	_, err = s.client.GetFlightInfo(basic(twice, "Bearer jwt"), path("none"))
	wantStatus(t, err, codes.Unauthenticated, "No credentials supplied")
	if log := s.log.String(); strings.Contains(log, "P@ss") || strings.Contains(log, "second") {
		t.Error("a password is in the log")
	}
}

// signIn exchanges a password for a token, as pyarrow's authenticate_basic_token does.
func signIn(t *testing.T, s *testServer, header string) string {
	t.Helper()
	stream, err := s.client.Handshake(basic(t.Context(), header))
	if err != nil {
		t.Fatal(err)
	}
	_ = stream.CloseSend()
	head, err := stream.Header()
	if err != nil || len(head["authorization"]) != 1 {
		t.Fatalf("got %v, error %v", head, err)
	}
	_, _ = stream.Recv()
	return head["authorization"][0]
}

func TestTokens(t *testing.T) {
	s, a := newAuthServer(t, nil)
	token := signIn(t, s, basicHeader("user2", "second"))
	if again := signIn(t, s, basicHeader("user2", "second")); again != token || len(token) != len("Bearer ")+43 {
		t.Errorf("the tokens are %q and %q", token, again)
	}
	if other := signIn(t, s, basicHeader("user1", "P@ss:w0rd")); other == token {
		t.Error("two accounts have the same token")
	}
	check := func(code codes.Code) {
		t.Helper()
		_, err := s.client.GetFlightInfo(basic(t.Context(), token), path("none"))
		wantStatus(t, err, code, "")
	}
	check(codes.NotFound)
	a.mu.Lock()
	a.passwords["user2"] = "third"
	a.mu.Unlock()
	check(codes.Unauthenticated) // the token ends with the password
}

func TestRoles(t *testing.T) {
	s, a := newAuthServer(t, nil)
	a.roles = httpapi.RoleQuery
	ctx := basic(t.Context(), basicHeader("user2", "second"))
	err := put(ctx, s.client, path("p"), readTable(t, "in_second.arrow"))
	wantStatus(t, err, codes.PermissionDenied, `requires the role "evaluate"`)
	a.throttled = true
	_, err = s.client.GetFlightInfo(ctx, path("p"))
	wantStatus(t, err, codes.ResourceExhausted, "Try again in 60 s")
}

// Accounts neither see nor take nor replace the tables of others.
func TestTablesBelongToAccounts(t *testing.T) {
	s, _ := newAuthServer(t, nil)
	table, other := readTable(t, "in_second.arrow"), readTable(t, "in_dup.arrow")
	user1, user2 := basic(t.Context(), basicHeader("user1", "P@ss:w0rd")), basic(t.Context(), basicHeader("user2", "second"))
	for ctx, messages := range map[context.Context][]message{user1: table, user2: other} {
		if err := put(ctx, s.client, path("p1"), messages); err != nil {
			t.Fatal(err)
		}
	}
	if err := put(user1, s.client, path("p2"), table); err != nil {
		t.Fatal(err)
	}
	if n := countFlights(t, s, user2); n != 1 {
		t.Errorf("user2 sees %d tables", n)
	}
	_, err := get(user2, s.client, ticketOf("p2"))
	wantStatus(t, err, codes.Unknown, "do_get must return")
	if status, body := s.evaluate("return _arg1", "p2", "Authorization", basicHeader("user2", "second")); status != 500 || !strings.Contains(body, "Flight not found") {
		t.Errorf("got %d %s", status, body)
	}
	clear, err := s.client.DoAction(user2, &flightpb.Action{Type: "clear"})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = clear.Recv()
	if n := countFlights(t, s, user1); n != 2 {
		t.Errorf("user1 has %d tables after user2 has cleared", n)
	}
	if got, err := get(user1, s.client, ticketOf("p1")); err != nil || !equalTables(got, table) {
		t.Errorf("got %d messages, error %v", len(got), err)
	}
}

func countFlights(t *testing.T, s *testServer, ctx context.Context) int {
	t.Helper()
	stream, err := s.client.ListFlights(ctx, &flightpb.Criteria{})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for ; ; n++ {
		if _, err := stream.Recv(); err != nil {
			return n
		}
	}
}

// A client that is refused sends nothing into the memory of the server.
func TestRefusedClientIsNotRead(t *testing.T) {
	s, _ := newAuthServer(t, nil)
	var header metadata.MD
	stream, err := s.client.DoPut(t.Context(), grpc.Header(&header))
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if stream.Send(&flightpb.FlightData{DataBody: make([]byte, 1<<20)}) != nil {
			break
		}
	}
	_, err = stream.Recv()
	wantStatus(t, err, codes.Unauthenticated, "No credentials supplied")
	if used := s.api.BufferedBytes(); used != 0 {
		t.Errorf("%d bytes are reserved", used)
	}
}
