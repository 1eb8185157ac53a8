package httpapi

import (
	"crypto/sha1" // for ETags only, as in etag
	"encoding/hex"
	"io"
	"net/http"

	"tabcell/httpapi/internal/pyjson"
)

// writeObject returns a content that writes a JSON object with n members, of which member returns
// names and values. It holds the text of one member at a time.
func writeObject(n int, member func(i int) (name string, value any)) content {
	return func(w io.Writer) error {
		begin := "{"
		for i := range n {
			name, value := member(i)
			text := append([]byte(begin), pyjson.Marshal(name)...)
			text = append(append(text, ": "...), pyjson.Marshal(value)...)
			if _, err := w.Write(text); err != nil {
				return err
			}
			begin = ", "
		}
		if n == 0 {
			_, err := io.WriteString(w, "{}")
			return err
		}
		_, err := io.WriteString(w, "}")
		return err
	}
}

// writeContent sends a response with status 200 without holding its text, unless the client accepts
// gzip. It calls text several times, which must write the same each time: once for the ETag and the
// length. The size of the text counts in the budget all the same, because text refers to a state of
// the endpoints that others may have replaced since.
func (req *request) writeContent(contentType string, text content) error {
	sum, size := sha1.New(), new(byteCounter)
	if err := text(io.MultiWriter(sum, size)); err != nil {
		return err
	}
	if *size > maxUncounted {
		if err := req.memory().reserve(int64(*size)); err != nil {
			return err
		}
	}
	header := req.Response().Header()
	header.Set("Etag", `"`+hex.EncodeToString(sum.Sum(nil))+`"`)
	if req.isNotModified() {
		return nil
	}
	header.Set("Content-Type", contentType)
	if *size >= minGzipSize && acceptsGzip(req.Request()) {
		if compressed, err := compress(text, req.memory()); err == nil {
			header.Set("Content-Encoding", "gzip")
			return req.send(http.StatusOK, int64(len(compressed)), writeBytes(compressed))
		}
	}
	return req.send(http.StatusOK, int64(*size), text)
}

// byteCounter counts the bytes that are written to it.
type byteCounter int64

// Write implements io.Writer.
func (c *byteCounter) Write(p []byte) (int, error) {
	*c += byteCounter(len(p))
	return len(p), nil
}
