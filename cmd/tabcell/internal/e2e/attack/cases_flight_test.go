//go:build attack && linux

package attack

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/httpapi/flight/flightpb"
	"tabcell/httpapi/flight/flighttest"

	"golang.org/x/net/http2"
)

// flightAttacks use the port of Arrow Flight.
var flightAttacks = []attack{
	{name: "Flight: tables that stall", configure: flight, run: stalledTables},
	{name: "Flight: tables of 70 MB", settings: shortLife, configure: flight, run: largeTables},
	{name: "Flight: many small tables", settings: shortLife, configure: flight, run: smallTables},
	{name: "Flight: tables that are not read", settings: shortLife, configure: flight, run: unreadTables},
	{name: "Flight: schemas of 15 MB", configure: flight, run: putRaw("\x12" + varint(15<<20) + strings.Repeat("x", 15<<20))},
	{name: "Flight: messages of 4 GiB announced", configure: flight, run: putRaw("")},
	{name: "Flight: 100 calls on each connection", configure: flight, run: manyCalls},
	{name: "Flight: rapid reset", configure: flight, run: onExtra(frames(resetStream(flightHead)))},
	{name: "Flight: pings", configure: flight, run: onExtra(frames(func(f *http2.Framer, _ uint32) error { return f.WritePing(false, [8]byte{1}) }))},
	{name: "Flight: endless heads", configure: flight, run: onExtra(frames(endlessHead))},
	{name: "Flight: connections without calls", configure: flight, run: onExtra(func(ctx context.Context, _ *testing.T, v *victim) { idle(ctx, v, 15_000, 200) })},
}

// shortLife makes the server drop tables before the memory is measured after the attack.
var shortLife = []string{"TABCELL_FLIGHT_TTL=8"}

var flightHead = fields("POST", "/arrow.flight.protocol.FlightService/DoPut")

// flight switches the service on.
func flight(t *testing.T, v *victim, _ []string) []string {
	port := testenv.FreePort(t)
	v.extra = fmt.Sprintf("127.0.0.1:%d", port)
	return []string{"TABPY_ARROW_ENABLE=true", fmt.Sprintf("TABPY_ARROWFLIGHT_PORT=%d", port)}
}

// recordedTable returns a table of about 70 kB: its schema and its only batch.
func recordedTable(t *testing.T) []flighttest.Message {
	stream, err := os.ReadFile(testenv.File("httpapi/flight/testdata/tables/in_large_string.arrow"))
	if err != nil {
		t.Fatal(err)
	}
	table, err := flighttest.Split(stream)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// largeTable returns a table of about 70 MB, whose batches share their memory.
func largeTable(t *testing.T) []flighttest.Message {
	table := recordedTable(t)
	for range 1000 {
		table = append(table, table[1])
	}
	return table
}

// dialFlight returns connections to the service, and a function that closes them.
func (v *victim) dialFlight(t *testing.T, n int) (clients []flightpb.FlightServiceClient, leave func()) {
	visit := &visitor{TB: t}
	for range n {
		clients = append(clients, flighttest.Dial(visit, v.extra, nil))
	}
	return clients, visit.leave
}

// visitor is a test whose connections can be closed before its end.
type visitor struct {
	testing.TB
	ends []func()
}

// Cleanup implements testing.TB.
func (v *visitor) Cleanup(end func()) { v.ends = append(v.ends, end) }

func (v *visitor) leave() {
	for _, end := range v.ends {
		end()
	}
}

// stalledTables begins tables and does not go on.
func stalledTables(ctx context.Context, t *testing.T, v *victim) {
	table := recordedTable(t)
	clients, leave := v.dialFlight(t, bodyClients)
	defer leave()
	var n atomic.Int64
	repeatAttack(ctx, 400, func(ctx context.Context) {
		i := n.Add(1)
		stream, err := clients[i%bodyClients].DoPut(ctx)
		if err != nil {
			return
		}
		_ = stream.Send(&flightpb.FlightData{FlightDescriptor: flighttest.Path(fmt.Sprint(i)), DataHeader: table[0].Header})
		for range 10 {
			_ = stream.Send(&flightpb.FlightData{DataHeader: table[1].Header, DataBody: table[1].Body})
		}
		_, _ = stream.Recv() // the error at the end
	})
}

// putTables returns an attack that stores a table under other names again and again.
func putTables(ctx context.Context, t *testing.T, v *victim, table []flighttest.Message) {
	var n atomic.Int64
	clients, leave := v.dialFlight(t, bodyClients)
	defer leave()
	repeatWithout(ctx, bodyClients, func(ctx context.Context) {
		i := n.Add(1)
		_ = flighttest.Put(ctx, clients[i%bodyClients], flighttest.Path(fmt.Sprint("table", i)), table)
	})
}

func largeTables(ctx context.Context, t *testing.T, v *victim) { putTables(ctx, t, v, largeTable(t)) }

func smallTables(ctx context.Context, t *testing.T, v *victim) {
	putTables(ctx, t, v, recordedTable(t))
}

// unreadTables gets large tables and reads only their beginnings.
func unreadTables(ctx context.Context, t *testing.T, v *victim) {
	table := largeTable(t)
	var n atomic.Int64
	clients, leave := v.dialFlight(t, bodyClients)
	defer leave()
	repeatAttack(ctx, bodyClients, func(ctx context.Context) {
		i := n.Add(1)
		c, name := clients[i%bodyClients], fmt.Sprint("table", i)
		if flighttest.Put(ctx, c, flighttest.Path(name), table) != nil {
			return
		}
		if stream, err := c.DoGet(ctx, &flightpb.Ticket{Ticket: []byte(flighttest.Ticket(name))}); err == nil {
			_, _ = stream.Recv()
			<-ctx.Done()
		}
	})
}

// manyCalls keeps as many calls open on each connection as the server accepts.
func manyCalls(ctx context.Context, t *testing.T, v *victim) {
	const connections, calls = 50, 100
	clients, leave := v.dialFlight(t, connections)
	defer leave()
	var n atomic.Int64
	repeatAttack(ctx, connections*calls, func(ctx context.Context) {
		if stream, err := clients[n.Add(1)%connections].DoPut(ctx); err == nil {
			_, _ = stream.Recv()
		}
	})
}

// putRaw returns an attack with messages of gRPC. If a message is "", 4 GiB are announced.
func putRaw(message string) func(context.Context, *testing.T, *victim) {
	prefix := string([]byte{0, byte(len(message) >> 24), byte(len(message) >> 16), byte(len(message) >> 8), byte(len(message))})
	if message == "" {
		prefix = "\x00\xff\xff\xff\xff" + strings.Repeat("x", 1<<20)
	}
	body := []byte(prefix + message)
	return onExtra(func(ctx context.Context, _ *testing.T, v *victim) {
		repeatWithout(ctx, bodyClients, func(ctx context.Context) { v.putBody(ctx, body) })
	})
}

// putBody sends a body on a connection of its own, without regard to the windows of the server.
func (v *victim) putBody(ctx context.Context, body []byte) {
	conn := v.connection(ctx, attackerAddress)
	if conn == nil {
		repeat(ctx, 10*time.Millisecond)
		return
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	go func() { _, _ = io.Copy(io.Discard, conn) }()
	framer := http2.NewFramer(conn, nil)
	_, err := io.WriteString(conn, http2.ClientPreface)
	if err == nil {
		err = framer.WriteSettings()
	}
	if err == nil {
		err = framer.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: flightHead, EndHeaders: true})
	}
	const size = 16 << 10 // the largest frame that every server accepts
	for ; err == nil && len(body) > 0; body = body[min(size, len(body)):] {
		err = framer.WriteData(1, false, body[:min(size, len(body))])
	}
	if err == nil {
		repeat(ctx, 100*time.Millisecond)
	}
}

// varint returns the encoding of a number in protobuf.
func varint(n int) string {
	var b []byte
	for ; n >= 0x80; n >>= 7 {
		b = append(b, byte(n)|0x80)
	}
	return string(append(b, byte(n)))
}
