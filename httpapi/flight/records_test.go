package flight

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"google.golang.org/grpc/codes"

	"tabcell/httpapi"
)

// auditTrail keeps events in a short form.
type auditTrail struct {
	mu     sync.Mutex
	events []string
}

func (a *auditTrail) Record(e httpapi.AuditEvent) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if e.Call == "" || e.Address != "127.0.0.1" {
		return fmt.Errorf("incomplete: %+v", e)
	}
	a.events = append(a.events, strings.TrimSpace(fmt.Sprintf("%s %s %s %s", e.Kind, e.Outcome, e.Account, e.Reason)))
	return nil
}

func (*auditTrail) Stats() httpapi.AuditStats { return httpapi.AuditStats{} }

// take returns the events since the last call, when there are n.
func (a *auditTrail) take(t *testing.T, n int) (events []string) {
	t.Helper()
	eventually(t, fmt.Sprint("not ", n, " events"), func() bool {
		a.mu.Lock()
		defer a.mu.Unlock()
		if len(a.events) < n {
			return false
		}
		events, a.events = a.events, nil
		return true
	})
	return events
}

// The audit trail has sign-ins, refusals and exceeded limits of the Flight service.
func TestAuditOfCalls(t *testing.T) {
	trail := &auditTrail{}
	s, a := newAuthServer(t, func(cfg *httpapi.Config, deps *httpapi.Deps) { deps.Audit, cfg.MaxTableBytes = trail, 1<<20 })
	good, wrong := basic(t.Context(), basicHeader("user2", "second")), basic(t.Context(), basicHeader("user2", "guess"))
	check := func(want ...string) {
		t.Helper()
		if got := trail.take(t, len(want)); !slices.Equal(got, want) {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
	_, _ = s.client.GetFlightInfo(good, path("p1"))
	check("sign-in ok Basic user2")
	_, _ = s.client.GetFlightInfo(t.Context(), path("p1")) // a client that finds out that it needs credentials
	_, _ = s.client.GetFlightInfo(wrong, path("p1"))
	check("sign-in refused Basic user2 wrong password")
	table := readTable(t, "in_prep.arrow")
	_ = put(good, s.client, path("p1"), []message{table[0], newMessage(table[1].Header, make([]byte, 5<<20))})
	check("sign-in ok Basic user2", "limit refused Basic user2 size of a table (TABCELL_FLIGHT_TABLE_MB)")
	a.roles = httpapi.RoleQuery
	_ = put(good, s.client, path("p1"), table)
	check("sign-in ok Basic user2", `access refused Basic user2 the role "evaluate" is missing`)
}

// metrics returns the lines of /metrics that are about the service.
func (s *testServer) metrics() string {
	s.t.Helper()
	r, err := http.Get(s.http + "/metrics")
	if err != nil {
		s.t.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != http.StatusOK {
		s.t.Fatal(r.Status, err)
	}
	http.DefaultClient.CloseIdleConnections()
	return string(text)
}

// The metrics count calls by method and code, and the tables in memory.
func TestMetricsOfCalls(t *testing.T) {
	s := newServer(t, func(cfg *httpapi.Config, _ *httpapi.Deps) { cfg.Metrics, cfg.MaxTablesBytes = true, 64<<20 })
	s.mustPut("p1", readTable(t, "in_second.arrow"))
	_, err := s.client.GetFlightInfo(t.Context(), path("p2"))
	wantStatus(t, err, codes.NotFound, "")
	raw(t, s, "Invented", strings.NewReader(""))
	for _, want := range []string{
		`tabcell_flight_calls_total{code="OK",method="DoPut"} 1`,
		`tabcell_flight_calls_total{code="NotFound",method="GetFlightInfo"} 1`,
		`tabcell_flight_calls_total{code="Unimplemented",method="none"} 1`,
		`tabcell_flight_seconds_count{method="DoPut"} 1`,
		"tabcell_flight_tables 1",
		"tabcell_flight_tables_bytes 4096",
		"tabcell_flight_tables_limit_bytes 6.7108864e+07",
	} {
		var got string
		eventually(t, "the metric "+want, func() bool { got = s.metrics(); return strings.Contains(got, want+"\n") })
	}
	if strings.Contains(s.metrics(), "Invented") {
		t.Error("a name that a client has made up is in the metrics")
	}
	if _, err := get(t.Context(), s.client, ticketOf("p1")); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a table is counted", func() bool { return strings.Contains(s.metrics(), "tabcell_flight_tables 0\n") })
}
