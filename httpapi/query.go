package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// query answers GET and POST /query/NAME. Nothing is deployed, so that a well-formed body meets an unknown name; TabPy looks at the
// body first. GAP: NaN and Infinity, which Python takes for JSON, are refused here.
func (a *API) query(x *exchange) (answer, error) {
	name, err := a.name(x, "/query/")
	if err != nil {
		return answer{}, err
	}
	body, err := a.readBody(x)
	if err != nil {
		return answer{}, err
	}
	if err := checkQuery(body); err != nil {
		return answer{}, err
	}
	return answer{}, &unknownName{name: unescape(name), query: true} // TabPy decodes the name once more
}

// checkQuery looks at the outermost level of a query's body.
func checkQuery(body []byte) error {
	if len(body) == 0 {
		return errQueryEmpty
	}
	var value json.RawMessage
	if err := json.Unmarshal(body, &value); err != nil {
		return &notJSON{jsonErrorText(body, err)}
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(value, &object) != nil || object == nil {
		return errQueryObject
	}
	if _, ok := object["data"]; ok {
		return nil
	}
	if _, ok := object["method"]; ok {
		return nil
	}
	return errQueryData
}

// jsonErrorText says where a text stops being JSON, in the form of Python's json module.
func jsonErrorText(body []byte, err error) string {
	offset := 0
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		offset = max(0, int(syntax.Offset)-1)
	}
	before := body[:min(offset, len(body))]
	line := bytes.Count(before, []byte("\n")) + 1
	column := len(before) - bytes.LastIndexByte(before, '\n')
	return fmt.Sprintf("Expecting value: line %d column %d (char %d)", line, column, offset)
}
