package httpapi

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"unicode/utf8"
)

// The right sides are what Python's json.dumps prints.
func TestEncodeIsPythons(t *testing.T) {
	for in, want := range map[string]string{
		"":                   `""`,
		"a, b: {c}":          `"a, b: {c}"`,
		"quote\" back\\ end": `"quote\" back\\ end"`,
		"\x00\b\t\n\f\r\x1f": `"\u0000\b\t\n\f\r\u001f"`,
		"\x7f":               `"\u007f"`,
		"<b>&'</b>":          `"<b>&'</b>"`,
		"é東😀":                `"\u00e9\u6771\ud83d\ude00"`,
		"\u2028\u2029":       `"\u2028\u2029"`,
		"bad \xff utf-8":     `"bad \ufffd utf-8"`,
	} {
		if got := string(encode(in)); got != want {
			t.Errorf("encode(%q) = %s, want %s", in, got, want)
		}
	}
	want := `{"message": "m", "info": {}}`
	if got := string(encode(errorBody{"m", nothing{}})); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func FuzzEncode(f *testing.F) {
	for _, seed := range []string{"", "a", `\u00e9`, "\"\\", "é😀\x7f\xff", `,:{}"`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		out := encode(errorBody{text, text})
		if i := strings.IndexFunc(string(out), func(r rune) bool { return r < ' ' || r > '~' }); i >= 0 {
			t.Fatalf("%q is not printable ASCII at %d", out, i)
		}
		var back errorBody
		if err := json.Unmarshal(out, &back); err != nil {
			t.Fatal(err)
		}
		if want := strings.ToValidUTF8(text, "\ufffd"); utf8.ValidString(text) && back.Message != want {
			t.Fatalf("%q came back as %q", want, back.Message)
		}
	})
}

// The right sides are what Python's repr prints.
func TestPythonFloat(t *testing.T) {
	for f, want := range map[float64]string{
		5: "5.0", 1.5: "1.5", 0.1: "0.1", 30: "30.0", 0: "0.0", -2: "-2.0", 1e15: "1000000000000000.0", 1e16: "1e+16",
		1e-4: "0.0001", 1e-5: "1e-05", 0.000123: "0.000123", 123456.789: "123456.789",
	} {
		if got := pythonFloat(f); got != want {
			t.Errorf("%g: %s, want %s", f, got, want)
		}
	}
	if got := pythonFloat(math.Inf(1)); strings.Contains(got, ".0") {
		t.Errorf("infinity: %s", got)
	}
}
