package httpapi

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// FlightDescriptor names a table of the Flight service: by a path, or by a command.
type FlightDescriptor struct {
	Type    int // 1 for a path, 2 for a command
	Command []byte
	Path    [][]byte
}

// The types of a FlightDescriptor.
const (
	flightPath    = 1
	flightCommand = 2
)

// pathDescriptor returns the descriptor of a path with one part.
func pathDescriptor(path string) FlightDescriptor {
	return FlightDescriptor{Type: flightPath, Path: [][]byte{[]byte(path)}}
}

// key returns the text that identifies the table. It is TabPy's ticket: Python's repr of the tuple
// (type, command or None, parts of the path).
func (d FlightDescriptor) key() string {
	var b strings.Builder
	b.WriteString("(" + strconv.Itoa(d.Type) + ", ")
	if d.Type == flightCommand {
		b.WriteString(pythonBytes(d.Command))
	} else {
		b.WriteString("None")
	}
	b.WriteString(", (")
	for i, part := range d.Path {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(pythonBytes(part))
	}
	if len(d.Path) == 1 {
		b.WriteByte(',')
	}
	b.WriteString("))")
	return b.String()
}

// pythonBytes returns Python's repr of a bytes object.
func pythonBytes(p []byte) string {
	quote := byte('\'')
	if bytes.IndexByte(p, '\'') >= 0 && bytes.IndexByte(p, '"') < 0 {
		quote = '"'
	}
	var b strings.Builder
	b.WriteByte('b')
	b.WriteByte(quote)
	for _, c := range p {
		switch {
		case c == quote || c == '\\':
			b.Write([]byte{'\\', c})
		case c == '\t':
			b.WriteString(`\t`)
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\r':
			b.WriteString(`\r`)
		case c < ' ' || c > '~':
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte(quote)
	return b.String()
}

// FlightInfo describes a stored table.
type FlightInfo struct {
	Descriptor  FlightDescriptor
	Schema      []byte // the first message of its stream
	Rows, Bytes int64  // Bytes is the size of the stream
}

// Ticket returns the ticket for the table.
func (i FlightInfo) Ticket() []byte { return []byte(i.Descriptor.key()) }

// FlightCode says how a call of the Flight service failed, by the name of the status of gRPC.
type FlightCode string

// The codes.
const (
	FlightOK              FlightCode = "OK"
	FlightCanceled        FlightCode = "Canceled"
	FlightInvalid         FlightCode = "InvalidArgument"
	FlightNotFound        FlightCode = "NotFound"
	FlightDenied          FlightCode = "PermissionDenied"
	FlightUnauthenticated FlightCode = "Unauthenticated"
	FlightExhausted       FlightCode = "ResourceExhausted"
	FlightTimeout         FlightCode = "DeadlineExceeded"
	FlightUnavailable     FlightCode = "Unavailable"
	FlightUnimplemented   FlightCode = "Unimplemented"
	FlightUnknown         FlightCode = "Unknown" // as pyarrow reports most errors
	FlightInternal        FlightCode = "Internal"
)

// FlightError is an error as a client of the Flight service sees it.
type FlightError struct {
	Code FlightCode
	Text string
}

func (e *FlightError) Error() string { return e.Text }
