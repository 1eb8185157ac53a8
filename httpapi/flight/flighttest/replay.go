package flighttest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"tabcell/httpapi/flight/flightpb"
)

// Target is a server of both services.
type Target struct {
	Dir    string // of the recordings
	URL    string // of the HTTP service
	HTTP   *http.Client
	Flight flightpb.FlightServiceClient
	// Describe returns a text that is the same for tables of the same content.
	Describe func(stream []byte) (string, error)
}

// replay is the state of a case.
type replay struct {
	Target
	saved map[string]string
}

// Replay replays a case. It compares statuses, responses, codes and texts of errors, numbers of rows,
// and tables. It does not compare the metadata of a table.
func Replay(t *testing.T, target Target, c Case) {
	t.Helper()
	r := &replay{target, map[string]string{}}
	for i, s := range c.Steps {
		if err := r.step(t.Context(), s); err != nil {
			t.Errorf("step %d, %s: %v", i, s.Do, err)
			return // the others depend on it
		}
	}
}

// step carries out a step, and returns its difference from the recording.
func (r *replay) step(ctx context.Context, s Step) (err error) {
	for _, h := range s.Headers {
		ctx = metadata.AppendToOutgoingContext(ctx, strings.ToLower(h[0]), h[1])
	}
	method, ok := map[string]func(context.Context, Step) error{
		"action": r.action, "list_actions": r.listActions, "list_flights": r.listFlights, "get_flight_info": r.info, "get_schema": r.schema,
		"put": r.put, "get": r.get, "http": r.request,
	}[s.Do]
	if !ok {
		return errors.New("unknown kind of step")
	}
	err = method(ctx, s)
	if s.Expect.Error != nil {
		return wrongError(err, s.Expect.Error.Class, s.Expect.Error.Message)
	}
	return err
}

// classes has pyarrow's exceptions for codes of gRPC.
var classes = map[codes.Code]string{codes.NotFound: "ArrowKeyError", codes.Unimplemented: "ArrowNotImplementedError"}

func wrongError(err error, class, text string) error {
	if got := status.Convert(err); classes[got.Code()] != class || got.Message() != text {
		return fmt.Errorf("got %v %q, want %s %q", got.Code(), got.Message(), class, text)
	}
	return nil
}
