package flight

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"tabcell/httpapi"

	"github.com/rs/zerolog"
)

// activeCall is a call in progress. gRPC handles it on a goroutine of its own, which may go on when
// its client has gone and ServeHTTP has ended.
type activeCall struct {
	*httpapi.FlightCall
	body  *body
	table *httpapi.FlightTable // that is being sent, or nil

	handlers sync.WaitGroup
	mu       sync.Mutex // guards the fields below
	began    bool       // a handler has begun
	over     bool       // no handler may begin
	err      error
}

type callKey struct{}

func callOf(ctx context.Context) *activeCall { return ctx.Value(callKey{}).(*activeCall) }

// begin reports whether a handler may begin. If so, the caller must call c.handlers.Done at its end.
func (c *activeCall) begin() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.over {
		c.began = true
		c.handlers.Add(1)
	}
	return !c.over
}

// fail records the error of a handler and returns it as a status of gRPC. It does not ask whether ctx
// is canceled: gRPC cancels it on its own, after it has refused a message.
func (c *activeCall) fail(ctx context.Context, err error) error {
	if readErr := c.body.failure(); readErr != nil {
		err = readErr // gRPC has wrapped it
	} else if canceled := c.body.canceled(); canceled != nil {
		err = canceled
	} else if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		err = ctx.Err()
	}
	c.mu.Lock()
	c.err = err
	c.mu.Unlock()
	e := c.Error(err)
	return status.Error(statusCodes[e.Code], e.Text)
}

// wait waits for the handler, and completes c.err.
func (c *activeCall) wait(method string) {
	c.mu.Lock()
	c.over = true
	c.mu.Unlock()
	c.handlers.Wait()
	if c.table != nil {
		c.table.Free() // gRPC has written it
	}
	switch {
	case c.began:
	case method == "": // gRPC answers without reading, which may fail afterwards
		c.err = &httpapi.FlightError{Code: httpapi.FlightUnimplemented, Text: "the service has no such method"}
	case c.body.failure() != nil:
		c.err = c.body.failure()
	default:
		c.err = &httpapi.FlightError{Code: httpapi.FlightInvalid, Text: "the request could not be read"}
	}
}

// handle runs a handler.
func handle(ctx context.Context, run func() error) (err error) {
	c := callOf(ctx)
	if !c.begin() {
		return status.FromContextError(context.Canceled).Err()
	}
	defer c.handlers.Done()
	defer func() {
		if p := recover(); p != nil {
			zerolog.Ctx(ctx).Error().Str("panic", fmt.Sprint(p)).Str("stack", string(debug.Stack())).Msg("a Flight handler panicked")
			err = c.fail(ctx, &httpapi.FlightError{Code: httpapi.FlightInternal, Text: "an internal error; the log of the server has the reason"})
		}
	}()
	if token := c.Token(); token != "" {
		_ = grpc.SetHeader(ctx, metadata.Pairs("authorization", "Bearer "+token))
	}
	if err := run(); err != nil {
		return c.fail(ctx, err)
	}
	return nil
}

func interceptUnary(ctx context.Context, request any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (response any, err error) {
	err = handle(ctx, func() (err error) {
		response, err = handler(ctx, request)
		return err
	})
	return response, err
}

func interceptStream(server any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	return handle(stream.Context(), func() error { return handler(server, stream) })
}

// statusCodes maps codes to those of gRPC.
var statusCodes = map[httpapi.FlightCode]codes.Code{
	httpapi.FlightOK:              codes.OK,
	httpapi.FlightCanceled:        codes.Canceled,
	httpapi.FlightInvalid:         codes.InvalidArgument,
	httpapi.FlightNotFound:        codes.NotFound,
	httpapi.FlightDenied:          codes.PermissionDenied,
	httpapi.FlightUnauthenticated: codes.Unauthenticated,
	httpapi.FlightExhausted:       codes.ResourceExhausted,
	httpapi.FlightTimeout:         codes.DeadlineExceeded,
	httpapi.FlightUnavailable:     codes.Unavailable,
	httpapi.FlightUnimplemented:   codes.Unimplemented,
	httpapi.FlightUnknown:         codes.Unknown,
	httpapi.FlightInternal:        codes.Internal,
}
