package flight

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"tabcell/httpapi/flight/flightpb"
)

// TestHammer puts, gets, evaluates, lists, clears and cancels at the same time. No table may reach a
// client changed, and all memory must be back at the end.
func TestHammer(t *testing.T) {
	s := newServer(t, nil)
	table := readTable(t, "in_prep.arrow")
	for range 6 { // several buffers for each body
		table = append(table, table[1:]...)
	}
	large := largeTable(t, 2<<20, 1<<20+104)
	var group sync.WaitGroup
	for worker := range 8 {
		client := s.dial()
		group.Go(func() {
			for round := range 25 {
				name, table := fmt.Sprint(worker, "-", round), table
				if worker%2 == 0 {
					table = large
				}
				ctx, cancel := context.WithCancel(t.Context())
				if round%5 == 4 {
					go cancel()
				}
				err := put(ctx, client, path(name), table)
				if round%2 == 0 {
					s.evaluate("return _arg1", name)
				}
				got, getErr := get(ctx, client, ticketOf(name))
				if err == nil && getErr == nil && !equalTables(got, table) {
					t.Error("a table has changed")
				}
				if stream, err := client.ListFlights(t.Context(), &flightpb.Criteria{}); err == nil {
					_, _ = stream.Recv()
				}
				cancel()
			}
		})
	}
	group.Wait()
	if _, err := action(t, s, "clear"); err != nil {
		t.Error(err)
	}
	memoryBack(t, s)
	filesBack(t)
}
