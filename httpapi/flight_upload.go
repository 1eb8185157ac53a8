package httpapi

import (
	"errors"
	"time"

	"tabcell/httpapi/internal/arrowipc"
)

// maxFlightRequest is the largest request in bytes of a method that sends no table.
const maxFlightRequest = 1 << 20

// errFlightRequest reports a request beyond maxFlightRequest.
var errFlightRequest = &FlightError{FlightExhausted, "the request exceeds the limit of 1 MB for calls without a table"}

// Reserve reserves memory for n bytes that arrive. received is the number of bytes of the call so
// far. It may be called while the call is being handled.
func (c *FlightCall) Reserve(received, n int64) error {
	limit, err := int64(maxFlightRequest), error(errFlightRequest)
	if c.method == "DoPut" {
		limit, err = c.api.cfg.MaxTableBytes+maxFlightRequest, &tableTooLargeError{c.api.cfg.MaxTableBytes}
	}
	if received+n > limit {
		return err
	}
	return c.upload.reserve(n)
}

// MaxTable returns the largest size of a table in bytes.
func (a *API) MaxTable() int64 { return a.cfg.MaxTableBytes }

// MaxTable returns the largest size of a table in bytes.
func (c *FlightCall) MaxTable() int64 { return c.api.MaxTable() }

// Deadline returns the end of the time that the call may take: a table that arrives or leaves more
// slowly would live longer than one in the store.
func (c *FlightCall) Deadline() time.Time { return c.req.started.Add(c.api.cfg.TableLifetime) }

// FlightUpload is a table that a client is sending.
type FlightUpload struct {
	call   *FlightCall
	table  arrowipc.Table
	memory int64
	size   int64 // of the stream so far, in bytes
}

// NewUpload begins a table.
func (c *FlightCall) NewUpload() *FlightUpload { return &FlightUpload{call: c} }

// Add adds a message. The body belongs to the table from then on, even after an error.
func (u *FlightUpload) Add(header []byte, body []arrowipc.Chunk) error {
	m, err := arrowipc.NewMessage(header, body)
	if err != nil {
		m.Body = body
		m.Free()
		return err
	}
	u.memory += m.Memory()
	if err = u.call.upload.raise(u.memory); err == nil {
		err = u.table.Append(m)
	}
	u.size += m.StreamSize()
	if err != nil {
		m.Free()
		if errors.Is(err, arrowipc.ErrOrder) && m.Kind == arrowipc.Schema {
			err = errSchemaChange
		}
	}
	return err
}

// BodyOffset returns the offset in the stream of the body of the next message, which has the given
// header.
func (u *FlightUpload) BodyOffset(header []byte) int64 { return u.size + arrowipc.BodyOffset(header) }

var errSchemaChange = &FlightError{FlightInvalid, "the stream has a second schema; put tables with different columns one by one"}

// Store stores the table under a descriptor, in place of one that is stored there.
func (u *FlightUpload) Store(d FlightDescriptor) error {
	c := u.call
	if len(u.table.Messages) == 0 {
		return arrowipc.ErrNoData
	}
	table, memory := u.table, c.upload
	u.table, c.upload = arrowipc.Table{}, &lease{budget: c.api.budget, owner: memory.owner}
	return c.api.tables.put(c.req.tableKey(d), &storedTable{Table: &table, descriptor: d, lease: memory})
}

// Free frees a table that was not stored.
func (u *FlightUpload) Free() { u.table.Free() }
