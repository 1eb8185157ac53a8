package codecache

import (
	"bytes"
	"encoding/json"
	"io"
)

// The rewritten guest and the image are stored as a line of JSON without their long byte strings.
// The strings follow the line, in order, and the line has their lengths.

// encodeParts returns head as a line of JSON, followed by parts.
func encodeParts(head any, parts [][]byte) []byte {
	line, _ := json.Marshal(head) // numbers and strings always marshal
	return bytes.Join(append([][]byte{append(line, '\n')}, parts...), nil)
}

// decodeHead unmarshals the line of JSON into head and returns the bytes that follow it.
func decodeHead(b []byte, head any) ([]byte, error) {
	line, rest, _ := bytes.Cut(b, []byte{'\n'})
	return rest, json.Unmarshal(line, head)
}

// splitParts returns the parts with these lengths, which are slices of b. Bytes after the last part
// are ignored.
func splitParts(b []byte, lengths []int) ([][]byte, error) {
	parts := make([][]byte, len(lengths))
	for i, n := range lengths {
		if n < 0 || n > len(b) {
			return nil, io.ErrUnexpectedEOF
		}
		parts[i], b = b[:n:n], b[n:]
	}
	return parts, nil
}

func lengthsOf(parts [][]byte) []int {
	var lengths []int
	for _, part := range parts {
		lengths = append(lengths, len(part))
	}
	return lengths
}
