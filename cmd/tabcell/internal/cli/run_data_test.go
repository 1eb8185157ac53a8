package cli

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestCheckData(t *testing.T) {
	for text, want := range map[string]string{
		`{"_arg1": [1, 2.5e3, "é\"", null]}`:                  "",
		`{"_arg1": [NaN, -Infinity, Infinity], "NaN": "NaN"}`: "",
		`[NaN]`:                     "", // the guest refuses what is not an object
		" \n":                       "d is empty",
		`{"_arg1": [1, 2,]}`:        "d:1:17: ",
		"{\"é\": NaN,\n x}":         "d:2:2: ",
		`{"_arg1": [1`:              "d:1:12: the data is not valid JSON: unexpected end",
		"{\"a\": 'x'}":              "d:1:7: ",
		"{\"a\": \"x\ny\"}":         "d:1:9: ",
		`{"a": NaNs}`:               "d:1:10: ",
		`{"a": Infinit}`:            "d:1:7: ",
		`{} "script": "x", "b": {}`: "d:1:4: ",
	} {
		err := checkData("d", text)
		if (err == nil) != (want == "") || err != nil && !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", text, err, want)
		}
	}
}

func FuzzCheckData(f *testing.F) {
	f.Add(`{"_arg1": [NaN, -Infinity]}`)
	f.Add("{\"a\": \"x\ny\"}")
	f.Fuzz(func(t *testing.T, text string) {
		err := checkData("d", text)
		if json.Valid([]byte(text)) && err != nil {
			t.Errorf("%q: error %v", text, err)
		}
		if masked := pythonNumber.ReplaceAllStringFunc(text, sameLength); len(masked) != len(text) {
			t.Errorf("%q became %q", text, masked)
		}
	})
}
