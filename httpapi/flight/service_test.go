package flight

import (
	"encoding/json"
	"io"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"

	"tabcell/httpapi/flight/flightpb"
)

func TestRoundTrip(t *testing.T) {
	s, table := newServer(t, nil), readTable(t, "in_prep.arrow")
	s.mustPut("p1", table)
	status, body := s.evaluate("return _arg1", "p1")
	var out struct{ OutputDataPath string }
	if err := json.Unmarshal([]byte(body), &out); status != 200 || err != nil || len(out.OutputDataPath) != 36 {
		t.Fatalf("got %d %s", status, body)
	}
	got, err := get(t.Context(), s.client, ticketOf(out.OutputDataPath))
	if err != nil || !equalTables(got, table) {
		t.Errorf("got %d messages, error %v", len(got), err)
	}
	for _, name := range []string{"p1", out.OutputDataPath} {
		_, err = get(t.Context(), s.client, ticketOf(name))
		wantStatus(t, err, codes.Unknown, "FlightServerBase.do_get must return a FlightDataStream")
	}
}

func TestInfo(t *testing.T) {
	s, table := newServer(t, nil), readTable(t, "in_second.arrow")
	s.mustPut("p1", table)
	for range 2 { // it does not take the table
		info, err := s.client.GetFlightInfo(t.Context(), path("p1"))
		if err != nil {
			t.Fatal(err)
		}
		if info.TotalRecords != 2 || info.TotalBytes <= 0 || string(info.Endpoint[0].Ticket.Ticket) != ticketOf("p1") ||
			info.Endpoint[0].Location[0].Uri != "grpc+tcp://"+s.addr || string(info.FlightDescriptor.Path[0]) != "p1" {
			t.Errorf("got %v", info)
		}
		if !strings.HasSuffix(string(info.Schema), string(table[0].Header)) || len(info.Schema) != len(table[0].Header)+8 {
			t.Errorf("the schema has %d bytes, in the stream %d", len(info.Schema), len(table[0].Header))
		}
	}
	stream, err := s.client.ListFlights(t.Context(), &flightpb.Criteria{})
	if err != nil {
		t.Fatal(err)
	}
	if info, err := stream.Recv(); err != nil || string(info.Endpoint[0].Ticket.Ticket) != ticketOf("p1") {
		t.Errorf("got %v, error %v", info, err)
	}
	_, err = s.client.GetFlightInfo(t.Context(), path("p2"))
	wantStatus(t, err, codes.NotFound, "'Flight not found.'")
}

func action(t *testing.T, s *testServer, name string) ([]string, error) {
	t.Helper()
	stream, err := s.client.DoAction(t.Context(), &flightpb.Action{Type: name})
	if err != nil {
		t.Fatal(err)
	}
	var results []string
	for {
		r, err := stream.Recv()
		if err == io.EOF {
			return results, nil
		}
		if err != nil {
			return results, err
		}
		results = append(results, string(r.Body))
	}
}

func TestActions(t *testing.T) {
	s := newServer(t, nil)
	s.mustPut("p1", readTable(t, "in_second.arrow"))
	if got, err := action(t, s, "getUniquePath"); err != nil || len(got) != 1 || len(got[0]) != 36 {
		t.Errorf("got %q, error %v", got, err)
	}
	for _, name := range []string{"healthcheck", "clear"} {
		if got, err := action(t, s, name); err != nil || len(got) != 0 {
			t.Errorf("%s: got %q, error %v", name, got, err)
		}
	}
	_, err := s.client.GetFlightInfo(t.Context(), path("p1"))
	wantStatus(t, err, codes.NotFound, "'Flight not found.'")
	_, err = action(t, s, "unknown")
	wantStatus(t, err, codes.NotFound, `"Unknown action 'unknown'"`)
	_, err = action(t, s, "shutdown")
	wantStatus(t, err, codes.PermissionDenied, "shutdown")
	s.mustPut("p1", readTable(t, "in_second.arrow")) // the service goes on
}

func TestUnimplemented(t *testing.T) {
	s := newServer(t, nil)
	_, err := s.client.GetSchema(t.Context(), path("p1"))
	wantStatus(t, err, codes.Unimplemented, "")
	_, err = s.client.PollFlightInfo(t.Context(), path("p1"))
	wantStatus(t, err, codes.Unimplemented, "")
	exchange, err := s.client.DoExchange(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, err = exchange.Recv()
	wantStatus(t, err, codes.Unimplemented, "")
	handshake, err := s.client.Handshake(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, err = handshake.Recv()
	wantStatus(t, err, codes.Unimplemented, "authentication mechanism")
}
