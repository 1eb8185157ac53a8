package flight

import (
	"context"
	"fmt"
	"io"

	"google.golang.org/grpc"

	"tabcell/httpapi"
	"tabcell/httpapi/flight/flightpb"
)

// service implements the methods. Those of TabPy are here, and others are not implemented.
type service struct {
	flightpb.UnimplementedFlightServiceServer
}

// unimplemented is the error of methods that TabPy does not have either.
var unimplemented = &httpapi.FlightError{Code: httpapi.FlightUnimplemented}

// GetSchema implements flightpb.FlightServiceServer.
func (service) GetSchema(context.Context, *flightpb.FlightDescriptor) (*flightpb.SchemaResult, error) {
	return nil, unimplemented
}

// PollFlightInfo implements flightpb.FlightServiceServer.
func (service) PollFlightInfo(context.Context, *flightpb.FlightDescriptor) (*flightpb.PollInfo, error) {
	return nil, unimplemented
}

// DoExchange implements flightpb.FlightServiceServer.
func (service) DoExchange(grpc.BidiStreamingServer[flightpb.FlightData, flightpb.FlightData]) error {
	return unimplemented
}

// Handshake implements flightpb.FlightServiceServer. The client has sent its password in a header,
// and gets a token in one, as with every call.
func (service) Handshake(stream grpc.BidiStreamingServer[flightpb.HandshakeRequest, flightpb.HandshakeResponse]) error {
	if err := callOf(stream.Context()).Handshake(); err != nil {
		return err
	}
	for {
		if _, err := stream.Recv(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// The actions that are listed, in TabPy's order.
//
// GAP: TabPy also lists shutdown.
var actions = []*flightpb.ActionType{
	{Type: "getUniquePath", Description: "Get a unique FlightDescriptor path to put data to."},
	{Type: "clear", Description: "Clear the stored flights."},
}

// ListActions implements flightpb.FlightServiceServer.
func (service) ListActions(_ *flightpb.Empty, stream grpc.ServerStreamingServer[flightpb.ActionType]) error {
	for _, a := range actions {
		if err := stream.Send(a); err != nil {
			return err
		}
	}
	return nil
}

// DoAction implements flightpb.FlightServiceServer.
func (service) DoAction(a *flightpb.Action, stream grpc.ServerStreamingServer[flightpb.Result]) error {
	c := callOf(stream.Context())
	switch a.Type {
	case "getUniquePath":
		return stream.Send(&flightpb.Result{Body: []byte(c.UniquePath())})
	case "clear":
		c.Clear()
		return nil
	case "healthcheck":
		return nil
	case "shutdown":
		return c.Shutdown()
	}
	return &httpapi.FlightError{Code: httpapi.FlightNotFound, Text: fmt.Sprintf(`"Unknown action '%.200s'"`, a.Type)}
}

// GetFlightInfo implements flightpb.FlightServiceServer.
func (service) GetFlightInfo(ctx context.Context, d *flightpb.FlightDescriptor) (*flightpb.FlightInfo, error) {
	c := callOf(ctx)
	info, err := c.Info(descriptorOf(d))
	if err != nil {
		return nil, err
	}
	return flightInfo(c, info), nil
}

// ListFlights implements flightpb.FlightServiceServer. As in TabPy, it ignores the criteria.
func (service) ListFlights(_ *flightpb.Criteria, stream grpc.ServerStreamingServer[flightpb.FlightInfo]) error {
	c := callOf(stream.Context())
	for _, info := range c.List() {
		if err := stream.Send(flightInfo(c, info)); err != nil {
			return err
		}
	}
	return nil
}

// descriptorOf returns a descriptor as package httpapi has it.
func descriptorOf(d *flightpb.FlightDescriptor) httpapi.FlightDescriptor {
	out := httpapi.FlightDescriptor{Type: int(d.GetType())}
	switch d.GetType() {
	case flightpb.FlightDescriptor_CMD:
		out.Command = append([]byte{}, d.GetCmd()...)
	case flightpb.FlightDescriptor_PATH:
		out.Path = d.GetPath()
	}
	return out
}

// flightInfo returns the description of a table as the service sends it.
func flightInfo(c *activeCall, i httpapi.FlightInfo) *flightpb.FlightInfo {
	endpoint := &flightpb.FlightEndpoint{Ticket: &flightpb.Ticket{Ticket: i.Ticket()}}
	if location := c.Location(); location != "" {
		endpoint.Location = []*flightpb.Location{{Uri: location}}
	}
	d := &flightpb.FlightDescriptor{Type: flightpb.FlightDescriptor_DescriptorType(i.Descriptor.Type), Cmd: i.Descriptor.Command, Path: i.Descriptor.Path}
	return &flightpb.FlightInfo{
		Schema: i.Schema, FlightDescriptor: d, Endpoint: []*flightpb.FlightEndpoint{endpoint}, TotalRecords: i.Rows, TotalBytes: i.Bytes,
	}
}
