package flight

import (
	"context"
	"encoding/binary"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"tabcell/httpapi"
	"tabcell/httpapi/flight/flightpb"
)

// memoryBack checks that no memory is reserved any more.
func memoryBack(t *testing.T, s *testServer) {
	t.Helper()
	eventually(t, "reserved bytes", func() bool { return s.api.BufferedBytes() == 0 })
}

func TestBadStreams(t *testing.T) {
	s, table := newServer(t, nil), readTable(t, "in_prep.arrow")
	schema, batch := table[0], table[1]
	lying := append([]byte{}, batch.Header...)
	for i := range lying {
		lying[i] ^= 0x55
	}
	for name, c := range map[string]struct {
		messages []message
		code     codes.Code
		text     string
	}{
		"nothing":          {nil, codes.Unknown, "Stream finished before first message sent"},
		"junk header":      {[]message{newMessage([]byte("junk"), nil)}, codes.Unknown, "Invalid flatbuffers message."},
		"empty header":     {[]message{newMessage(nil, nil)}, codes.Unknown, "Invalid flatbuffers message."},
		"batch first":      {[]message{batch}, codes.InvalidArgument, "not a schema"},
		"second schema":    {[]message{schema, schema}, codes.InvalidArgument, "second schema"},
		"body too short":   {[]message{schema, newMessage(batch.Header, batch.Body[:len(batch.Body)-8])}, codes.InvalidArgument, "but its header announces"},
		"body too long":    {[]message{schema, newMessage(batch.Header, append(append([]byte{}, batch.Body...), 0))}, codes.InvalidArgument, "but its header announces"},
		"schema with body": {[]message{newMessage(schema.Header, []byte("12345678"))}, codes.InvalidArgument, "but its header announces"},
		"scrambled header": {[]message{schema, newMessage(lying, batch.Body)}, codes.Unknown, "Invalid flatbuffers message."},
		"truncated header": {[]message{newMessage(schema.Header[:20], nil)}, codes.Unknown, "Invalid flatbuffers message."},
		"header of 17 MiB": {[]message{newMessage(make([]byte, 17<<20), nil)}, codes.Unknown, "Invalid flatbuffers message."},
		"batch of -1 rows": {[]message{schema, newMessage(negativeRows(batch.Header), batch.Body)}, codes.Unknown, "Invalid flatbuffers message."},
	} {
		err := put(t.Context(), s.client, path("p"), c.messages)
		t.Run(name, func(t *testing.T) { wantStatus(t, err, c.code, c.text) })
	}
	_, err := s.client.GetFlightInfo(t.Context(), path("p"))
	wantStatus(t, err, codes.NotFound, "")
	memoryBack(t, s)
}

// negativeRows returns a header whose number of rows, which must be 3, is negative.
func negativeRows(header []byte) []byte {
	out := append([]byte{}, header...)
	for at := 0; at+8 <= len(out); at += 8 {
		if binary.LittleEndian.Uint64(out[at:]) == 3 {
			binary.LittleEndian.PutUint64(out[at:], 1<<63)
		}
	}
	return out
}

func TestTableLimit(t *testing.T) {
	s := newServer(t, func(cfg *httpapi.Config, _ *httpapi.Deps) { cfg.MaxTableBytes = 1 << 20 })
	table := readTable(t, "in_prep.arrow")
	messages := []message{table[0]}
	for range 3 << 20 / len(table[1].Body) {
		messages = append(messages, table[1])
	}
	err := put(t.Context(), s.client, path("p"), messages)
	wantStatus(t, err, codes.ResourceExhausted, "the table exceeds the limit of 1 MB (TABCELL_FLIGHT_TABLE_MB)")
	memoryBack(t, s)
	one := []message{table[0], newMessage(table[1].Header, make([]byte, 5<<20))}
	err = put(t.Context(), s.client, path("p"), one)
	wantStatus(t, err, codes.ResourceExhausted, "the table exceeds the limit of 1 MB (TABCELL_FLIGHT_TABLE_MB)")
	memoryBack(t, s)
}

func TestTablesLimit(t *testing.T) {
	s := newServer(t, func(cfg *httpapi.Config, _ *httpapi.Deps) { cfg.MaxTablesBytes = 1 << 20 })
	table := readTable(t, "in_second.arrow")
	var err error
	stored := 0
	for ; err == nil && stored < 1000; stored++ {
		err = put(t.Context(), s.client, path("p", string(rune('a'+stored%26)), strings.Repeat("x", stored/26)), table)
	}
	wantStatus(t, err, codes.ResourceExhausted, "the tables of this client in memory reached its share of their limit of 1 MB (TABCELL_FLIGHT_TABLES_MB)")
	if stored < 100 || stored > 200 { // two thirds of 256 tables that count 4 KiB
		t.Errorf("%d tables were stored", stored)
	}
}

func TestTTL(t *testing.T) {
	s := newServer(t, func(cfg *httpapi.Config, _ *httpapi.Deps) { cfg.TableLifetime = 200 * time.Millisecond })
	stream, err := s.client.ListFlights(t.Context(), &flightpb.Criteria{})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = stream.Recv()
	_ = put(t.Context(), s.client, path("p"), readTable(t, "in_second.arrow")) // it may already be too slow
	memoryBack(t, s)
	// The lifetime bounds a call as well, so that a slow machine may need a second one.
	eventually(t, "the table is still there", func() bool {
		_, err = get(t.Context(), s.client, ticketOf("p"))
		return status.Code(err) == codes.Unknown
	})
	wantStatus(t, err, codes.Unknown, "do_get must return")
}

func TestCanceledPut(t *testing.T) {
	s, table := newServer(t, nil), readTable(t, "in_prep.arrow")
	ctx, cancel := context.WithCancel(t.Context())
	stream, err := s.client.DoPut(ctx)
	if err != nil {
		t.Fatal(err)
	}
	_ = stream.Send(&flightpb.FlightData{FlightDescriptor: path("p"), DataHeader: table[0].Header})
	_ = stream.Send(&flightpb.FlightData{DataHeader: table[1].Header, DataBody: table[1].Body})
	eventually(t, "no memory reserved", func() bool { return s.api.BufferedBytes() > 0 })
	cancel()
	memoryBack(t, s)
	_, err = s.client.GetFlightInfo(t.Context(), path("p"))
	wantStatus(t, err, codes.NotFound, "")
	eventually(t, "no line in the log", func() bool { return strings.Contains(s.log.String(), `"code":"Canceled"`) })
}

func TestIdleStreams(t *testing.T) {
	s, table := newServer(t, nil), readTable(t, "in_prep.arrow")
	s.handle.idle = 200 * time.Millisecond
	stream, err := s.client.DoPut(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_ = stream.Send(&flightpb.FlightData{FlightDescriptor: path("p"), DataHeader: table[0].Header})
	_, err = stream.Recv()
	wantStatus(t, err, codes.DeadlineExceeded, "the stream stood still")
	memoryBack(t, s)
}

// The deadline of a client ends a table that stands still.
func TestDeadlineOfPut(t *testing.T) {
	s := newServer(t, nil)
	s.handle.idle = time.Hour
	reader, writer := io.Pipe()
	defer writer.Close()
	if got := raw(t, s, "DoPut", reader, "Grpc-Timeout", "200m"); got != "4" {
		t.Errorf("got the status %q", got)
	}
	memoryBack(t, s)
}

// raw sends bytes as the body of a call with names and values of headers, and returns the status of
// gRPC.
func raw(t *testing.T, s *testServer, method string, body io.Reader, header ...string) string {
	t.Helper()
	transport := &http.Transport{Protocols: new(http.Protocols)}
	transport.Protocols.SetUnencryptedHTTP2(true)
	defer transport.CloseIdleConnections()
	r, err := http.NewRequest("POST", "http://"+s.addr+httpapi.FlightService+method, body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/grpc")
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	response, err := transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, response.Body)
	if status := response.Trailer.Get("Grpc-Status"); status != "" {
		return status
	}
	return response.Header.Get("Grpc-Status")
}

func TestRawBodies(t *testing.T) {
	s := newServer(t, nil)
	frame := func(n uint32, content string) string {
		return string(binary.BigEndian.AppendUint32([]byte{0}, n)) + content
	}
	for name, c := range map[string]struct{ method, body, status string }{
		"half a prefix":    {"DoPut", "\x00\x00", "3"},
		"half a message":   {"DoPut", frame(100, "abc"), "3"},
		"4 GiB announced":  {"DoPut", frame(1<<32-1, "abc"), "8"},
		"not protobuf":     {"DoPut", frame(3, "\xff\xff\xff"), "3"},
		"field longer":     {"DoPut", frame(3, "\x12\x7fa"), "3"},
		"field 0":          {"DoPut", frame(2, "\x02\x00"), "3"},
		"compressed":       {"DoPut", "\x01" + frame(3, "abc")[1:], "3"},
		"large descriptor": {"DoPut", frame(70005, "\x0a\xf0\xa2\x04"+strings.Repeat("x", 70001)), "3"},
		"unknown method":   {"DoNothing", frame(0, ""), "12"},
		"unary, half":      {"GetFlightInfo", frame(100, "abc"), ""},
		"large action":     {"DoAction", frame(2<<20, strings.Repeat("x", 2<<20)), ""},
		"two descriptors":  {"DoPut", frame(4, "\x0a\x00\x0a\x00"), "2"},
		"two bodies":       {"DoPut", frame(2*(5+2<<20), strings.Repeat("\xc2\x3e\x80\x80\x80\x01"+strings.Repeat("x", 2<<20), 2)), "3"},
		"metadata only":    {"DoPut", frame(3, "\x1a\x01x"), "2"},
		"empty message":    {"DoPut", frame(0, ""), "2"},
	} {
		t.Run(name, func(t *testing.T) {
			got := raw(t, s, c.method, strings.NewReader(c.body))
			if c.status == "" && got != "0" && got != "" || c.status == got {
				return
			}
			t.Errorf("got the status %q, want %q", got, c.status)
		})
	}
	memoryBack(t, s)
	filesBack(t)
}

// Frames of one byte must not make the server keep a buffer of 16 KiB for each.
func TestSmallFrames(t *testing.T) {
	s, table := newServer(t, nil), readTable(t, "in_prep.arrow")
	reader, writer := io.Pipe()
	go func() {
		for _, m := range table {
			data := &flightData{header: m.Header}
			out, _ := newCodec().Marshal(data)
			content := out.Materialize()
			content = append(content, bodyField(m.Body)...)
			frame := append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(content))), content...)
			for i := range frame {
				_, _ = writer.Write(frame[i : i+1])
			}
		}
		_ = writer.Close()
	}()
	if got := raw(t, s, "DoPut", reader); got != "0" {
		t.Fatalf("got the status %q", got)
	}
	if used := s.api.BufferedBytes(); used > 64<<10 {
		t.Errorf("the table takes %d bytes", used)
	}
}

// bodyField returns the field with the body of a FlightData.
func bodyField(body []byte) []byte {
	if len(body) == 0 {
		return nil
	}
	return append(binary.AppendUvarint([]byte{0xc2, 0x3e}, uint64(len(body))), body...)
}
