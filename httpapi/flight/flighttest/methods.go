package flighttest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"tabcell/httpapi/flight/flightpb"
)

func (r *replay) action(ctx context.Context, s Step) error {
	stream, err := r.Flight.DoAction(ctx, &flightpb.Action{Type: s.Type, Body: []byte(s.Body)})
	if err != nil {
		return err
	}
	results, err := all(stream.Recv)
	if err != nil {
		return err
	}
	got := []string{}
	for _, m := range results {
		got = append(got, string(m.Body))
	}
	if s.Save != "" && len(got) > 0 {
		r.saved[s.Save] = got[0]
	}
	return r.compare(got, s.Expect.Results)
}

func (r *replay) listActions(ctx context.Context, s Step) error {
	stream, err := r.Flight.ListActions(ctx, &flightpb.Empty{})
	if err != nil {
		return err
	}
	actions, err := all(stream.Recv)
	var got [][2]string
	for _, a := range actions {
		got = append(got, [2]string{a.Type, a.Description})
	}
	if err != nil {
		return err
	}
	return r.compare(got, s.Expect.Actions)
}

func (r *replay) listFlights(ctx context.Context, s Step) error {
	stream, err := r.Flight.ListFlights(ctx, &flightpb.Criteria{})
	if err != nil {
		return err
	}
	got, err := all(stream.Recv)
	if err != nil || len(got) != len(s.Expect.Flights) {
		return fmt.Errorf("got %d tables, want %d, error %w", len(got), len(s.Expect.Flights), err)
	}
	for i, want := range s.Expect.Flights {
		if err := r.compareInfo(got[i], want); err != nil {
			return err
		}
	}
	return nil
}

func (r *replay) info(ctx context.Context, s Step) error {
	got, err := r.Flight.GetFlightInfo(ctx, Path(r.fillAll(s.Descriptor.Path)...))
	if err != nil {
		return err
	}
	if s.SaveTicket != "" {
		r.saved[s.SaveTicket] = string(got.Endpoint[0].Ticket.Ticket)
	}
	if s.Expect.Info == nil {
		return fmt.Errorf("got a table")
	}
	return r.compareInfo(got, *s.Expect.Info)
}

func (r *replay) compareInfo(got *flightpb.FlightInfo, want Info) error {
	if got.TotalRecords != want.Rows || got.TotalBytes <= 0 || len(got.Endpoint) != len(want.Endpoints) {
		return fmt.Errorf("got %v, want %v", got, want)
	}
	return r.compare(string(got.Endpoint[0].Ticket.Ticket), r.fill(want.Endpoints[0].Ticket))
}

func (r *replay) schema(ctx context.Context, s Step) error {
	_, err := r.Flight.GetSchema(ctx, Path(r.fillAll(s.Descriptor.Path)...))
	return err
}

func (r *replay) put(ctx context.Context, s Step) error {
	table, err := r.read(s.Table)
	if err != nil {
		return err
	}
	return Put(ctx, r.Flight, Path(r.fillAll(s.Descriptor.Path)...), table)
}

// read returns a recorded table.
func (r *replay) read(name string) ([]Message, error) {
	b, err := os.ReadFile(filepath.Join(r.Dir, filepath.FromSlash(name)))
	if err != nil {
		return nil, err
	}
	return Split(b)
}

func (r *replay) get(ctx context.Context, s Step) error {
	ticket := r.fill(s.Ticket)
	if ticket == "" {
		var path []string
		if err := json.Unmarshal(s.Path, &path); err != nil {
			return err
		}
		ticket = Ticket(r.fillAll(path)...)
	}
	got, err := Get(ctx, r.Flight, ticket)
	if err != nil {
		return err
	}
	want, err := r.read(s.Expect.Table)
	if err != nil {
		return err
	}
	if n := rows(got); n != s.Expect.Rows {
		return fmt.Errorf("got %d rows, want %d", n, s.Expect.Rows)
	}
	return r.compareTables(got, want)
}

func (r *replay) compareTables(got, want []Message) error {
	a, err := r.Describe(Join(got))
	if err != nil {
		return err
	}
	b, err := r.Describe(Join(want))
	if err == nil && a != b {
		err = fmt.Errorf("got the table %s\nwant %s", a, b)
	}
	return err
}
