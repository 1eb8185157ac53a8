package console

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// readJSON reads a body with one JSON object of at most limit bytes into v. Members that v does not
// have are an error, because a misspelled one would be ignored otherwise.
func readJSON(q *Request, limit int64, v any) error {
	body, err := q.ReadBody(limit)
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return badRequest("The body of the request is not the JSON object that openapi.json describes: %s.", reasonOf(err))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return badRequest("The body of the request has text after its JSON object.")
	}
	return nil
}

// maxReason limits the text of an error of package json, which may quote the body.
const maxReason = 200

func reasonOf(err error) string {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return "it ends too early"
	}
	text := err.Error()
	if len(text) > maxReason {
		text = text[:maxReason] + "..."
	}
	return text
}
