package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// pythonNumber matches the numbers that Python's JSON has in addition, and strings, which may
// contain their names.
var pythonNumber = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|-?Infinity|NaN`)

// checkData returns an error with the place of the first defect if the text of the file is not JSON
// as Python reads it. The guest would find the defect too, but its message has the position in the
// whole request.
func checkData(file, text string) error {
	if json.Valid([]byte(text)) {
		return nil
	}
	text = pythonNumber.ReplaceAllStringFunc(text, sameLength)
	var defect *json.SyntaxError
	if err := json.Unmarshal([]byte(text), new(json.RawMessage)); !errors.As(err, &defect) {
		return err // nil: the text has such numbers
	}
	if strings.TrimSpace(text) == "" {
		return fmt.Errorf("%s is empty; the data must be one JSON object, such as {\"_arg1\": [1, 2]}", file)
	}
	line, column := position(text, int(defect.Offset))
	return fmt.Errorf("%s:%d:%d: the data is not valid JSON: %w", file, line, column, defect)
}

// sameLength returns a string unchanged, and in place of a number of Python's one that Go accepts,
// so that positions stay the same.
func sameLength(token string) string {
	switch {
	case token[0] == '"':
		return token
	case token[0] == '-':
		return "-" + sameLength(token[1:])
	}
	return "1." + strings.Repeat("0", len(token)-2)
}

// position returns the line and the column, in characters, of the last of the first n bytes of a
// text. Both begin at 1.
func position(text string, n int) (line, column int) {
	before := text[:max(0, min(n, len(text))-1)]
	start := strings.LastIndexByte(before, '\n') + 1
	return 1 + strings.Count(before, "\n"), 1 + utf8.RuneCountInString(before[start:])
}
