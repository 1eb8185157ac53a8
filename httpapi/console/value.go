package console

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
)

// maxColumns limits the columns of a table that are shown.
const maxColumns = 1000

// shape describes an answer: a list, a table (an object of lists), or a single value.
type shape struct {
	list    bool
	table   bool
	rows    int // of the list, or of the longest column; 1 for a single value, 0 for no text
	columns []columnBody
	names   [][]byte // of the columns, as JSON
}

// shapeOf returns the shape of JSON text. Text that is not valid JSON is a single value.
func shapeOf(text []byte) shape {
	text = bytes.TrimSpace(text)
	if len(text) == 0 {
		return shape{}
	}
	single := shape{rows: 1}
	switch text[0] {
	case '[':
		s := shape{list: true}
		if eachElement(text, func(_, _ []byte) bool { s.rows++; return true }) != nil {
			return single
		}
		return s
	case '{':
		s := shape{table: true}
		err := eachElement(text, func(key, value []byte) bool {
			if s.table = value[0] == '['; !s.table {
				return false
			}
			s.add(key, shapeOf(value).rows)
			return true
		})
		if err != nil || !s.table || len(s.columns) == 0 {
			return single
		}
		return s
	}
	return single
}

// add adds a column, as far as columns are shown.
func (s *shape) add(key []byte, rows int) {
	s.rows = max(s.rows, rows)
	if len(s.columns) >= maxColumns {
		return
	}
	var name string
	_ = json.Unmarshal(key, &name) // an invalid key makes the whole text invalid, which cutValue finds
	s.columns, s.names = append(s.columns, columnBody{cutText(name, 1000), rows}), append(s.names, key)
}

// cutResult is an answer of limited size.
type cutResult struct {
	shape
	text    []byte // valid JSON
	cut     bool
	invalid bool // the answer is not JSON
}

// cutValue returns an answer with at most about limit bytes: the first elements of a list, or the
// first rows of a table. A longer single value is null. A script may have written the answer, so
// that it need not be JSON.
func cutValue(answer []byte, limit int) cutResult {
	r := cutResult{shape: shapeOf(answer), text: answer, cut: len(answer) > limit}
	if r.cut {
		r.text = r.beginning(answer, limit)
	}
	if !json.Valid(r.text) {
		r.text = withoutInfinities(r.text)
		r.invalid = !json.Valid(r.text)
	}
	return r
}

// beginning returns the beginning of an answer with at most about limit bytes.
func (s shape) beginning(answer []byte, limit int) []byte {
	switch {
	case s.list:
		return firstElements(answer, limit, -1)
	case s.table:
		return s.firstRows(answer, limit)
	}
	return []byte("null")
}

// firstElements returns a list of the first elements of a list, at most n unless n is negative, and
// at most limit bytes.
func firstElements(list []byte, limit, n int) []byte {
	out := []byte{'['}
	_ = eachElement(list, func(_, value []byte) bool { // shapeOf has found no error
		if n == 0 || len(out)+len(value)+2 > limit {
			return false
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(out, value...)
		n--
		return true
	})
	return append(out, ']')
}

// firstRows returns a table with the first rows of a table. All columns have as many as fit into
// the one with the longest values. A table whose names do not fit is null.
func (s shape) firstRows(table []byte, limit int) []byte {
	for _, name := range s.names {
		limit -= len(name) + 2
	}
	if limit < 0 {
		return []byte("null")
	}
	part := limit / len(s.columns)
	rows := -1
	s.eachColumn(table, func(_ int, value []byte) {
		n := shapeOf(firstElements(value, part, rows)).rows
		if full := shapeOf(value).rows; n < full && (rows < 0 || n < rows) {
			rows = n
		}
	})
	out := []byte{'{'}
	s.eachColumn(table, func(i int, value []byte) {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(append(append(out, s.names[i]...), ':'), firstElements(value, part, rows)...)
	})
	return append(out, '}')
}

func (s shape) eachColumn(table []byte, yield func(i int, value []byte)) {
	i := 0
	_ = eachElement(table, func(_, value []byte) bool { // shapeOf has found no error
		yield(i, value)
		i++
		return i < len(s.columns)
	})
}

// withoutInfinities replaces Python's NaN, Infinity and -Infinity outside of strings by null.
func withoutInfinities(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); {
		if text[i] == '"' {
			end := endOfString(text, i)
			out = append(out, text[i:end]...)
			i = end
			continue
		}
		literal := slices.IndexFunc(infinities, func(l []byte) bool { return bytes.HasPrefix(text[i:], l) })
		if literal < 0 {
			out = append(out, text[i])
			i++
			continue
		}
		out = append(out, "null"...)
		i += len(infinities[literal])
	}
	return out
}

var infinities = [][]byte{[]byte("NaN"), []byte("Infinity"), []byte("-Infinity")}

var errNotJSON = errors.New("the text is not JSON")

// eachElement calls yield with the elements of a JSON list, or with the keys and the values of an
// object, until yield returns false. It finds their borders without checking their content. value is
// never empty.
func eachElement(text []byte, yield func(key, value []byte) bool) error {
	text = bytes.TrimSpace(text)
	if len(text) < 2 || text[0] != '[' && text[0] != '{' || text[len(text)-1] != text[0]+2 {
		return errNotJSON
	}
	isObject, inner := text[0] == '{', text[1:len(text)-1]
	for i := skipSpace(inner, 0); i < len(inner); {
		var key []byte
		if isObject {
			end := endOfString(inner, i)
			colon := skipSpace(inner, end)
			if inner[i] != '"' || colon >= len(inner) || inner[colon] != ':' {
				return errNotJSON
			}
			key, i = inner[i:end], skipSpace(inner, colon+1)
		}
		end := endOfValue(inner, i)
		value := bytes.TrimSpace(inner[i:end])
		if len(value) == 0 {
			return errNotJSON
		}
		if !yield(key, value) || end == len(inner) {
			return nil
		}
		if i = skipSpace(inner, end+1); i == len(inner) {
			return errNotJSON // a comma without an element after it
		}
	}
	return nil
}

func skipSpace(text []byte, i int) int {
	for i < len(text) && (text[i] == ' ' || text[i] == '\n' || text[i] == '\t' || text[i] == '\r') {
		i++
	}
	return i
}

// endOfValue returns the index of the comma after the value that begins at i, or the length of text.
func endOfValue(text []byte, i int) int {
	for depth := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			i = endOfString(text, i) - 1
		case '[', '{':
			depth++
		case ']', '}':
			depth--
		case ',':
			if depth == 0 {
				return i
			}
		}
	}
	return len(text)
}

// endOfString returns the index after the string that begins at i, or the length of text.
func endOfString(text []byte, i int) int {
	for i++; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}
