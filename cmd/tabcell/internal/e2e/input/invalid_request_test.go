package input

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/e2e/harness"
)

// TestInvalidRequests compares the responses to malformed and to unusual requests with TabPy's.
func TestInvalidRequests(t *testing.T) {
	s := harness.StartServer(t, fmt.Sprintf("[TabPy]\nTABPY_PORT = ${PORT}\nTABPY_STATE_PATH = ${STATE_PATH}\n"+
		"TABPY_EVALUATE_TIMEOUT = %.3f\nTABPY_MAX_REQUEST_SIZE_MB = 32\n", harness.Patience().Seconds()))
	lines := strings.Repeat("x = [1, 2, 3]  # padding padding padding\n", 10<<20/41)
	for _, c := range []struct {
		name, body string
		status     int
		text       string
	}{
		{"empty", "", 500, "JSONDecodeError : Expecting value: line 1 column 1 (char 0)"},
		{"not JSON", "script=1", 500, "JSONDecodeError"},
		{"truncated", `{"script": "return 1", "data": {"_arg1": [1, 2`, 500, "JSONDecodeError"},
		{"list", "[]", 400, "Script is empty."},
		{"string", `"x"`, 400, "Script is empty."},
		{"number", "1", 500, "argument of type 'int' is not iterable"},
		{"no script", `{"data": {}}`, 400, "Script is empty."},
		{"script is a list", `{"script": [1], "data": {}}`, 500, "'list' object has no attribute 'splitlines'"},
		{"no data", `{"script": "return 1"}`, 500, "must be a mapping, not NoneType"},
		{"data is a number", `{"script": "return 1", "data": 1}`, 400, "Script parameters need to be provided as a dictionary."},
		{"wrong argument names", `{"script": "return 1", "data": {"_arg2": 1}}`, 400, "Variables names should follow the format _arg1, _arg2, _argN"},
		{"argument name with NUL", `{"script": "return 1", "data": {"_arg1\u0000": 1}}`, 400, "Variables names"},
		{"script of 10 MB", `{"script": ` + quoted(lines+"return 7") + `, "data": {}}`, 200, "7"},
		{"10^5 arrays", `{"script": "return 1", "data": {"_arg1": ` + strings.Repeat("[", 1e5) + strings.Repeat("]", 1e5) + `}}`, 500, "RecursionError"},
		{"10^5 unclosed arrays", strings.Repeat("[", 1e5), 500, "RecursionError"},
		{"invalid UTF-8", "{\"script\": \"return '\xff'\", \"data\": {}}", 500, "UnicodeDecodeError : 'utf-8' codec can't decode byte 0xff"},
		{"byte order mark", "\ufeff{}", 500, "JSONDecodeError : Unexpected UTF-8 BOM"},
		{"lone surrogate in data", `{"script": "return _arg1", "data": {"_arg1": "\ud800"}}`, 200, `"\ud800"`},
		{"lone surrogate in the script", `{"script": "return '\ud800'", "data": {}}`, 500, "UnicodeEncodeError"},
		{"NUL in the script", `{"script": "return 1\u0000", "data": {}}`, 500, "null bytes"},
		{"NUL in data", `{"script": "return len(_arg1)", "data": {"_arg1": "a\u0000b"}}`, 200, "3"},
		{"NUL between tokens", "{\"script\":\x00 \"return 1\"}", 500, "JSONDecodeError"},
		{"1e400", `{"script": "return [_arg1, str(_arg1)]", "data": {"_arg1": 1e400}}`, 200, `[null, "inf"]`},
		{"NaN", `{"script": "return [_arg1, str(_arg1)]", "data": {"_arg1": NaN}}`, 200, `[null, "nan"]`},
		{"longest integer", `{"script": "return _arg1 % 10", "data": {"_arg1": ` + strings.Repeat("9", 4300) + `}}`, 200, "9"},
		{"integer of 4301 digits", `{"script": "return 1", "data": {"_arg1": ` + strings.Repeat("9", 4301) + `}}`, 500, "Exceeds the limit (4300 digits)"},
		{"duplicate keys", `{"script": "return 1", "data": {"_arg1": 1, "_arg1": 2}, "script": "return _arg1"}`, 200, "2"},
		{"10^5 arguments", `{"script": "return 1", "data": {` + strings.Repeat(`"_arg1": 1, `, 1e5) + `"_arg1": 2}}`, 200, "1"},
		{"key of 1 MB", `{"script": "return 1", "data": {"` + strings.Repeat("x", 1<<20) + `": 1}}`, 400, "Variables names"},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, response := s.Post(c.body)
			if status != c.status || !strings.Contains(response, c.text) {
				t.Errorf("%d %.300s; want %d %s", status, response, c.status, c.text)
			}
		})
	}
}

func quoted(text string) string {
	b, _ := json.Marshal(text) // cannot fail for a string
	return string(b)
}

// TestInvalidGzip expects 400 for request bodies that are not valid gzip or too large when
// decompressed.
func TestInvalidGzip(t *testing.T) {
	s := harness.StartServer(t, "[TabPy]\nTABPY_PORT = ${PORT}\nTABPY_STATE_PATH = ${STATE_PATH}\nTABPY_MAX_REQUEST_SIZE_MB = 1\n")
	complete := gzipped(`{"script": "return 42", "data": {}}`)
	for _, c := range []struct {
		name   string
		body   []byte
		status int
	}{
		{"complete", complete, 200},
		{"truncated", complete[:len(complete)-9], 400},
		{"truncated header", complete[:4], 400},
		{"not gzip", []byte("{}"), 400},
		{"wrong checksum", append(bytes.Clone(complete[:len(complete)-5]), 1, 2, 3, 4, 5), 400},
		{"bomb", gzipped(strings.Repeat(" ", 64<<20)), 400},
		{"empty members", bytes.Repeat(gzipped(""), 20_000), 400},
	} {
		t.Run(c.name, func(t *testing.T) {
			req, err := http.NewRequest("POST", s.URL+"/evaluate", bytes.NewReader(c.body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Encoding", "gzip")
			r, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Body.Close()
			if response, _ := io.ReadAll(r.Body); r.StatusCode != c.status {
				t.Errorf("%d %s; want %d", r.StatusCode, response, c.status)
			}
		})
	}
}

func gzipped(text string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, text) // a bytes.Buffer does not fail
	_ = w.Close()
	return b.Bytes()
}
