package flight

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"

	"tabcell/httpapi"
)

// /info says whether there is the service.
func TestArrowEnabled(t *testing.T) {
	for _, enabled := range []bool{true, false} {
		s := newServer(t, func(cfg *httpapi.Config, _ *httpapi.Deps) { cfg.Arrow = enabled })
		r, err := http.Get(s.http + "/info")
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(r.Body)
		_ = r.Body.Close()
		if want := fmt.Sprintf(`"arrow_enabled": %v`, enabled); !strings.Contains(string(text), want) {
			t.Errorf("got %s, want %s", text, want)
		}
	}
	http.DefaultClient.CloseIdleConnections()
}

// A table stays where it is until a request has passed all checks that TabPy makes before it takes
// the table; then it is gone, even if the script fails.
func TestOrderOfErrors(t *testing.T) {
	s, a := newAuthServer(t, nil)
	s.engine.On("raise ValueError('x')", failingScript)
	user, other := basicHeader("user2", "second"), basicHeader("user1", "P@ss:w0rd")
	ctx := basic(t.Context(), user)
	if err := put(ctx, s.client, path("p1"), readTable(t, "in_second.arrow")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		about, authorization, body string
		roles                      httpapi.Roles
		status                     int
		text                       string
		kept                       bool
	}{
		{"no credentials", "", `{"dataPath": "p1"}`, httpapi.DefaultRoles, 401, "", true},
		{"wrong password", basicHeader("user2", "x"), `{"script": "return _arg1", "dataPath": "p1"}`, httpapi.DefaultRoles, 401, "", true},
		{"no role", user, `{"script": "return _arg1", "dataPath": "p1"}`, httpapi.RoleQuery, 403, "evaluate", true},
		{"another account", other, `{"script": "return _arg1", "dataPath": "p1"}`, httpapi.DefaultRoles, 500, "KeyError : 'Flight not found.'", true},
		{"no script", user, `{"dataPath": "p1"}`, httpapi.DefaultRoles, 400, "Script is empty.", true},
		{"a type error", user, `{"script": "return 1", "dataPath": ["p1"]}`, httpapi.DefaultRoles, 500, "TypeError : expected bytes, list found", true},
		{"a failing script", user, `{"script": "raise ValueError('x')", "data": {"_arg2": 1}, "dataPath": "p1"}`, httpapi.DefaultRoles, 500, "ValueError : x", false},
	} {
		a.mu.Lock()
		a.roles = c.roles
		a.mu.Unlock()
		header := []string{}
		if c.authorization != "" {
			header = []string{"Authorization", c.authorization}
		}
		if status, body := s.post(c.body, header...); status != c.status || !strings.Contains(body, c.text) {
			t.Errorf("%s: got %d %s, want %d %s", c.about, status, body, c.status, c.text)
		}
		a.mu.Lock()
		a.roles = httpapi.DefaultRoles
		a.mu.Unlock()
		if _, err := s.client.GetFlightInfo(ctx, path("p1")); (err == nil) != c.kept {
			t.Errorf("%s: the table: %v, want it kept: %v", c.about, err, c.kept)
		}
	}
	memoryBack(t, s)
}

// JSON may write the letters of a key as escapes.
func TestEscapedKey(t *testing.T) {
	for _, key := range []string{`data\u0050ath`, `\u0064ataPath`, `dataPa\u0074h`, `d\u0061taPath`} {
		s := newServer(t, nil)
		s.mustPut("p1", readTable(t, "in_second.arrow"))
		status, body := s.post(`{"script": "return _arg1", "` + key + `": "\u00701"}`)
		if status != 200 || !strings.Contains(body, "outputDataPath") {
			t.Errorf("%s: got %d %s", key, status, body)
		}
		_, err := s.client.GetFlightInfo(t.Context(), path("p1"))
		wantStatus(t, err, codes.NotFound, "")
	}
}

// A ticket that the service has given to one account is of no use to another, with a password or
// with a token.
func TestTicketsOfOtherAccounts(t *testing.T) {
	s, _ := newAuthServer(t, nil)
	user1, user2 := basic(t.Context(), basicHeader("user1", "P@ss:w0rd")), basic(t.Context(), basicHeader("user2", "second"))
	table := readTable(t, "in_second.arrow")
	if err := put(user1, s.client, path("p1"), table); err != nil {
		t.Fatal(err)
	}
	info, err := s.client.GetFlightInfo(user1, path("p1"))
	if err != nil {
		t.Fatal(err)
	}
	ticket := string(info.Endpoint[0].Ticket.Ticket)
	token := signIn(t, s, basicHeader("user2", "second"))
	_, err = get(user2, s.client, ticket)
	wantStatus(t, err, codes.Unknown, "do_get must return")
	_, err = get(basic(t.Context(), token), s.client, ticket)
	wantStatus(t, err, codes.Unknown, "do_get must return")
	_, err = s.client.GetFlightInfo(user2, path("p1"))
	wantStatus(t, err, codes.NotFound, "'Flight not found.'")
	token = signIn(t, s, basicHeader("user1", "P@ss:w0rd"))
	if got, err := get(basic(t.Context(), token), s.client, ticket); err != nil || !equalTables(got, table) {
		t.Errorf("the owner got %d messages, error %v", len(got), err)
	}
}
