// Package arrowipc reads the framing of Arrow IPC streams: where a message begins and ends, of what
// kind it is, and how many rows it has. It never looks at columns. The format is
// https://arrow.apache.org/docs/format/Columnar.html.
//
// A stream consists of messages: a schema, then dictionaries and record batches. Each has a header,
// which is a FlatBuffer, and a body. In a stream, a prefix of eight bytes stands before the header.
// Arrow Flight sends the header and the body as fields of its own message, without the prefix.
//
// Everything in a stream comes from a client or a script. Every length is checked before it is
// used.
package arrowipc

import (
	"errors"
	"fmt"

	"tabcell/runtime/memfile"
)

// Kind is the kind of a message, by its number in the FlatBuffer.
type Kind uint8

// The kinds of messages of a table.
const (
	Schema     Kind = 1
	Dictionary Kind = 2
	Batch      Kind = 3
)

// MaxHeader is the largest header in bytes. That of a schema with 100,000 columns has about 10 MB.
const MaxHeader = 16 << 20

// Errors of streams.
var (
	ErrHeader = errors.New("Invalid flatbuffers message.")                //lint:ignore ST1005 pyarrow's text
	ErrNoData = errors.New("Stream finished before first message sent")   //lint:ignore ST1005 pyarrow's text
	ErrOrder  = errors.New("the messages are not a schema, then batches") // of the stream
)

// Message is a message of a stream.
type Message struct {
	Kind   Kind
	Header []byte  // the FlatBuffer
	Body   []Chunk // in sequence
	Rows   int64   // of a batch
}

// size returns the number of bytes of the body.
func (m *Message) size() int64 {
	var n int64
	for _, c := range m.Body {
		n += int64(len(c.ReadOnlyData()))
	}
	return n
}

// StreamSize returns the number of bytes that m takes in a stream.
func (m *Message) StreamSize() int64 { return BodyOffset(m.Header) + padded(m.size()) }

// messageOverhead and chunkOverhead are the bytes that the parts of a message take in addition to
// their content.
const (
	messageOverhead = 256
	chunkOverhead   = 64
)

// Memory returns the number of bytes that m occupies.
func (m *Message) Memory() int64 {
	n := int64(messageOverhead + 2*cap(m.Header)) // Pieces copies the header
	for _, c := range m.Body {
		n += chunkOverhead + c.Memory()
	}
	return n
}

// Free frees the body.
func (m *Message) Free() {
	for _, c := range m.Body {
		c.Free()
	}
	m.Body = nil
}

// NewMessage returns the message with a header and a body. It returns an error if the header is
// invalid, or announces another size of the body. The message then does not own the body.
func NewMessage(header []byte, body []Chunk) (Message, error) {
	info, err := parseHeader(header)
	if err != nil {
		return Message{}, err
	}
	m := Message{Kind: info.kind, Header: header, Body: body, Rows: info.rows}
	if n := m.size(); n != info.body {
		return Message{}, fmt.Errorf("the body of a message has %d bytes, but its header announces %d", n, info.body)
	}
	return m, nil
}

// Table is a complete stream. It is not safe for concurrent use.
type Table struct {
	Messages []Message
	Rows     int64
}

// Append adds a message, which t owns from then on, unless it returns an error.
func (t *Table) Append(m Message) error {
	first := len(t.Messages) == 0
	if first != (m.Kind == Schema) {
		return ErrOrder
	}
	t.Messages = append(t.Messages, m)
	if m.Kind == Batch {
		t.Rows += m.Rows
	}
	return nil
}

// Schema returns the first message in the form of a stream. The table must not be empty.
func (t *Table) Schema() []byte { return prefixed(t.Messages[0].Header) }

// Memory returns the number of bytes that t occupies.
func (t *Table) Memory() int64 {
	var n int64
	for i := range t.Messages {
		n += t.Messages[i].Memory()
	}
	return n
}

// BodyOffset returns the number of bytes from the beginning of a message in a stream to its body.
func BodyOffset(header []byte) int64 { return prefixSize + padded(int64(len(header))) }

// endMarker ends a stream.
var endMarker = []byte{0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0}

// Size returns the number of bytes of the stream with its end marker.
func (t *Table) Size() int64 {
	n := int64(len(endMarker))
	for i := range t.Messages {
		m := &t.Messages[i]
		n += m.StreamSize()
	}
	return n
}

// Pieces returns slices that are the stream, one after the other, and the chunks of large tables, by
// the number of the piece that has their bytes. They are valid until Free.
func (t *Table) Pieces() (pieces [][]byte, files map[int]*memfile.Chunk) {
	for i := range t.Messages {
		m := &t.Messages[i]
		pieces = append(pieces, prefixed(m.Header))
		for _, c := range m.Body {
			if f, ok := c.(*memfile.Chunk); ok {
				if files == nil {
					files = map[int]*memfile.Chunk{}
				}
				files[len(pieces)] = f
			}
			pieces = append(pieces, c.ReadOnlyData())
		}
		if n := m.size(); n != padded(n) {
			pieces = append(pieces, make([]byte, padded(n)-n))
		}
	}
	return append(pieces, endMarker), files
}

// Free frees the bodies. The table is empty afterwards.
func (t *Table) Free() {
	for i := range t.Messages {
		t.Messages[i].Free()
	}
	*t = Table{}
}
