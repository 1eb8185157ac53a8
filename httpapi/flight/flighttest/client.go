package flighttest

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"

	"tabcell/httpapi/flight/flightpb"
)

// Dial returns a client of the service at an address, with a connection of its own until the end of
// the test. config is nil for a service without TLS.
func Dial(t testing.TB, address string, config *tls.Config, options ...grpc.DialOption) flightpb.FlightServiceClient {
	t.Helper()
	transport := insecure.NewCredentials()
	if config != nil {
		transport = credentials.NewTLS(config)
	}
	options = append(options, grpc.WithTransportCredentials(transport),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(1<<30), grpc.MaxCallSendMsgSize(1<<30)))
	conn, err := grpc.NewClient("passthrough:///"+address, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return flightpb.NewFlightServiceClient(conn)
}

// From returns an option of Dial: the local IP address of the connection.
func From(ip string) grpc.DialOption {
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(ip)}}
	return grpc.WithContextDialer(func(ctx context.Context, address string) (net.Conn, error) {
		return dialer.DialContext(ctx, "tcp", address)
	})
}

// Path returns the descriptor of a path.
func Path(parts ...string) *flightpb.FlightDescriptor {
	d := &flightpb.FlightDescriptor{Type: flightpb.FlightDescriptor_PATH}
	for _, p := range parts {
		d.Path = append(d.Path, []byte(p))
	}
	return d
}

// Ticket returns TabPy's ticket for a path whose parts have neither quotes nor backslashes: Python's
// text of a tuple.
func Ticket(parts ...string) string {
	path := "b'" + strings.Join(parts, "', b'") + "'"
	if len(parts) == 1 {
		path += ","
	}
	return fmt.Sprintf("(1, None, (%s))", path)
}

// Put stores a table and returns the error of the service.
func Put(ctx context.Context, c flightpb.FlightServiceClient, d *flightpb.FlightDescriptor, messages []Message) error {
	stream, err := c.DoPut(ctx)
	if err != nil {
		return err
	}
	for i, m := range messages {
		data := &flightpb.FlightData{DataHeader: m.Header, DataBody: m.Body}
		if i == 0 {
			data.FlightDescriptor = d
		}
		if stream.Send(data) != nil {
			break // Recv has the error
		}
	}
	_ = stream.CloseSend()
	if _, err = stream.Recv(); err == io.EOF {
		return nil
	}
	return err
}

// Get takes a table.
func Get(ctx context.Context, c flightpb.FlightServiceClient, ticket string) ([]Message, error) {
	stream, err := c.DoGet(ctx, &flightpb.Ticket{Ticket: []byte(ticket)})
	if err != nil {
		return nil, err
	}
	data, err := all(stream.Recv)
	var table []Message
	for _, m := range data {
		table = append(table, Message{m.DataHeader, m.DataBody})
	}
	return table, err
}

// all returns the messages of a stream until its end.
func all[T any](receive func() (T, error)) ([]T, error) {
	var messages []T
	for {
		m, err := receive()
		if err == io.EOF {
			return messages, nil
		}
		if err != nil {
			return nil, err
		}
		messages = append(messages, m)
	}
}
