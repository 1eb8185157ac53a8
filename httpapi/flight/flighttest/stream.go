// Package flighttest has a client of the Flight service, and replays the exchanges with TabPy that
// are recorded in httpapi/flight/testdata. It is for tests.
package flighttest

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// Message is a header and a body of a table.
type Message struct{ Header, Body []byte }

// continuation precedes each message of a stream.
var continuation = []byte{255, 255, 255, 255}

const prefixSize = 8 // continuation, and the size of the header

// Split takes a stream of Arrow apart, with code other than that of the server. The headers must be
// valid.
func Split(stream []byte) ([]Message, error) {
	var all []Message
	for b := stream; len(b) >= prefixSize && bytes.HasPrefix(b, continuation); {
		n := int(binary.LittleEndian.Uint32(b[4:]))
		if n == 0 {
			return all, nil
		}
		header := b[prefixSize : prefixSize+n]
		b = b[prefixSize+n:]
		body := int(bodyLength(header))
		all, b = append(all, Message{header, b[:body]}), b[body:]
		if len(b) == 0 {
			return all, nil
		}
	}
	return nil, fmt.Errorf("message %d of the stream has no prefix", len(all))
}

// Join returns the stream of messages whose headers are padded to 8 bytes.
func Join(messages []Message) []byte {
	var b []byte
	for _, m := range messages {
		header := append(m.Header[:len(m.Header):len(m.Header)], make([]byte, -len(m.Header)&7)...)
		b = append(b, continuation...)
		b = binary.LittleEndian.AppendUint32(b, uint32(len(header)))
		b = append(append(b, header...), m.Body...)
	}
	return append(append(b, continuation...), 0, 0, 0, 0)
}

// The fields of the FlatBuffer tables Message and RecordBatch.
const (
	fieldTable = 2
	fieldBody  = 3
	fieldRows  = 0
)

// bodyLength returns the length of the body that a header announces.
func bodyLength(header []byte) int64 { return int64At(header, rootOf(header), fieldBody) }

// rows returns the number of rows of a table.
func rows(table []Message) int64 {
	n := int64(0)
	for _, m := range table[min(1, len(table)):] { // after the schema
		root := rootOf(m.Header)
		at := fieldAt(m.Header, root, fieldTable)
		n += int64At(m.Header, at+int(binary.LittleEndian.Uint32(m.Header[at:])), fieldRows)
	}
	return n
}

func rootOf(b []byte) int { return int(binary.LittleEndian.Uint32(b)) }

// fieldAt returns the position of a field of the table at a position, or 0 if it is absent.
func fieldAt(b []byte, table, field int) int {
	vtable := table - int(int32(binary.LittleEndian.Uint32(b[table:])))
	if int(binary.LittleEndian.Uint16(b[vtable:])) <= 4+2*field {
		return 0
	}
	if offset := int(binary.LittleEndian.Uint16(b[vtable+4+2*field:])); offset != 0 {
		return table + offset
	}
	return 0
}

func int64At(b []byte, table, field int) int64 {
	if at := fieldAt(b, table, field); at != 0 {
		return int64(binary.LittleEndian.Uint64(b[at:]))
	}
	return 0
}
