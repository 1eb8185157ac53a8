package flight

import (
	"io"

	"google.golang.org/grpc"

	"tabcell/httpapi/flight/flightpb"
	"tabcell/httpapi/internal/arrowipc"
)

// DoPut implements flightpb.FlightServiceServer. It stores the table when the client has sent all
// of it.
func (service) DoPut(stream grpc.BidiStreamingServer[flightpb.FlightData, flightpb.PutResult]) error {
	c := callOf(stream.Context())
	if end, ok := stream.Context().Deadline(); ok {
		c.body.deadline.limit(end)
	}
	upload := c.NewUpload()
	defer upload.Free()
	var descriptor *flightpb.FlightDescriptor
	for first := true; ; first = false {
		m, err := c.body.next(upload.BodyOffset)
		switch {
		case err == io.EOF && first:
			return arrowipc.ErrNoData
		case err == io.EOF:
			return upload.Store(descriptorOf(descriptor))
		case err != nil:
			return err
		}
		if first {
			descriptor = m.descriptor
		}
		if len(m.header) == 0 && !first { // it has only metadata of an application
			freeChunks(m.body)
			continue
		}
		if err := upload.Add(m.header, m.body); err != nil {
			return err
		}
	}
}

// DoGet implements flightpb.FlightServiceServer. The table leaves the store when the client begins
// to get it.
func (service) DoGet(t *flightpb.Ticket, stream grpc.ServerStreamingServer[flightpb.FlightData]) error {
	c := callOf(stream.Context())
	table, err := c.Take(t.GetTicket())
	if err != nil {
		return err
	}
	c.table = table
	for {
		m := new(flightData)
		m.header, m.body = table.Next()
		if m.header == nil {
			return nil
		}
		if err := stream.SendMsg(m); err != nil {
			return err
		}
	}
}
