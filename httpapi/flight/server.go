// Package flight serves Arrow Flight, with which Tableau Prep sends tables to scripts and gets their
// results without JSON. It translates between gRPC and the store of tables of package httpapi,
// which has the limits, the authentication and the log.
//
// gRPC runs on top of net/http, as an http.Handler, and not on a server of its own. The limits of
// connections, TLS with its reloads, and the graceful stop are thus those of the HTTP API, and the
// bytes of a table can be counted and timed as they arrive (body.go), before gRPC collects them.
//
// # The path of a call
//
//  1. ServeHTTP authenticates the client. Nothing is read from one that is refused.
//  2. body reads the messages of the client, and reserves memory for them.
//  3. gRPC calls an interceptor (call.go), and that calls the method (service.go).
//  4. DoPut reads the messages of a table itself (receive.go), straight into the table's memory.
//  5. codec sends the bodies of tables from where they are: they are not copied.
package flight

import (
	"context"
	"fmt"
	"log"
	"math"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc"

	"tabcell/httpapi"
	"tabcell/httpapi/flight/flightpb"

	"github.com/rs/zerolog"
)

const (
	headerTimeout  = 10 * time.Second
	idleTimeout    = 5 * time.Minute // of a connection without calls; clients connect again by themselves
	maxHeaderBytes = 64 << 10
	maxStreams     = 100 // concurrent calls of one connection

	// maxFrame and the windows are larger than the defaults of HTTP/2, because each frame of a large
	// table costs a switch between goroutines. The window of a connection limits its memory; one
	// stream may take all of it, which does not affect other connections.
	maxFrame         = 256 << 10
	streamWindow     = 4 << 20
	connectionWindow = 4 << 20
)

// Server is an http.Handler for the Flight service.
type Server struct {
	api  *httpapi.API
	grpc *grpc.Server
	idle time.Duration // in which a client must send or read something
}

// methods has the methods of the service.
var methods = methodNames()

func methodNames() map[string]bool {
	names := map[string]bool{}
	for _, m := range flightpb.FlightService_ServiceDesc.Methods {
		names[m.MethodName] = true
	}
	for _, s := range flightpb.FlightService_ServiceDesc.Streams {
		names[s.StreamName] = true
	}
	return names
}

// New returns a handler for the Flight service of api, which must have it enabled.
func New(api *httpapi.API) *Server {
	s := &Server{api: api, idle: idleStream}
	s.grpc = grpc.NewServer(
		grpc.MaxRecvMsgSize(math.MaxInt32), // body has the limits
		grpc.ForceServerCodecV2(newCodec()),
		grpc.UnaryInterceptor(interceptUnary),
		grpc.StreamInterceptor(interceptStream),
	)
	flightpb.RegisterFlightServiceServer(s.grpc, service{})
	return s
}

// maxMessageOverhead is the number of bytes that a message may have in addition to its body.
const maxMessageOverhead = 1 << 20

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	method, found := strings.CutPrefix(r.URL.Path, httpapi.FlightService)
	if !found || !methods[method] {
		method = ""
	}
	call, ctx := s.api.NewFlightCall(w, r, method)
	c := &activeCall{FlightCall: call}
	if err := call.Authorize(); err != nil {
		refuse(w, call.Error(err))
		call.Finish(err)
		return
	}
	c.body = newBody(r, call, http.NewResponseController(w), s.idle)
	r = r.WithContext(context.WithValue(ctx, callKey{}, c))
	r.Body = c.body
	if method == "DoPut" { // it reads the body itself
		r.Body = http.NoBody
	}
	s.grpc.ServeHTTP(newPacedWriter(w, s.idle, call.Deadline()), r)
	c.wait(method)
	if c.err != nil { // gRPC has set a status of its own for errors that it noticed first
		setStatus(w.Header(), call.Error(c.err))
	}
	call.Finish(c.err)
}

// refuse sends an error without gRPC, which would first read the client's message.
func refuse(w http.ResponseWriter, e *httpapi.FlightError) {
	w.Header().Set("Content-Type", "application/grpc")
	setStatus(w.Header(), e)
	w.WriteHeader(http.StatusOK)
}

// setStatus sets the status of gRPC in headers or trailers.
func setStatus(h http.Header, e *httpapi.FlightError) {
	h.Set("Grpc-Status", strconv.Itoa(int(statusCodes[e.Code])))
	h.Set("Grpc-Message", encodeMessage(e.Text))
}

// encodeMessage returns the form of a text in a header of gRPC: bytes other than printable ASCII are
// written as in URLs.
func encodeMessage(text string) string {
	var b strings.Builder
	for i := range len(text) {
		if c := text[i]; c >= ' ' && c <= '~' && c != '%' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// NewHTTPServer returns a server for the service. ctx is the parent of all calls and carries the
// logger. Its TLSConfig is not set.
func NewHTTPServer(ctx context.Context, api *httpapi.API) *http.Server {
	protocols := new(http.Protocols)
	protocols.SetHTTP2(true)
	protocols.SetUnencryptedHTTP2(true)
	return &http.Server{
		Handler:     New(api),
		BaseContext: func(net.Listener) context.Context { return ctx },
		Protocols:   protocols,
		HTTP2: &http.HTTP2Config{
			MaxConcurrentStreams: maxStreams, MaxReadFrameSize: maxFrame,
			MaxReceiveBufferPerStream: streamWindow, MaxReceiveBufferPerConnection: connectionWindow,
			SendPingTimeout: time.Minute, // finds connections whose client is gone
		},
		ReadHeaderTimeout: headerTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          log.New(errorLog{ctx}, "", 0),
	}
}

// Serve serves connections from l until s is closed. If s has a TLSConfig, it serves TLS only.
func Serve(s *http.Server, l net.Listener) error {
	if s.TLSConfig != nil {
		return s.ServeTLS(l, "", "")
	}
	return s.Serve(l)
}

// errorLog writes net/http's own messages, such as failed TLS handshakes, to the logger in ctx.
type errorLog struct{ ctx context.Context }

func (l errorLog) Write(line []byte) (int, error) {
	zerolog.Ctx(l.ctx).Warn().Msgf("Flight: %.500q", strings.TrimSpace(string(line)))
	return len(line), nil
}
