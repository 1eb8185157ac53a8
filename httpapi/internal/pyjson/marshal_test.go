package pyjson

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

// message has the form of the objects that TabPy sends.
type message struct {
	Message string `json:"message"`
	Info    any    `json:"info"`
}

// The expected texts are those of Python's json.dumps.
func TestMarshal(t *testing.T) {
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
		if got := string(Marshal(in)); got != want {
			t.Errorf("Marshal(%q) = %s, want %s", in, got, want)
		}
	}
	want := `{"message": "m", "info": {}}`
	if got := string(Marshal(message{"m", struct{}{}})); got != want {
		t.Errorf("Marshal of a struct = %s, want %s", got, want)
	}
}

func FuzzMarshal(f *testing.F) {
	for _, seed := range []string{"", "a", `\u00e9`, "\"\\", "é😀\x7f\xff", `,:{}"`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		out := Marshal(message{text, text})
		if i := strings.IndexFunc(string(out), func(r rune) bool { return r < ' ' || r > '~' }); i >= 0 {
			t.Fatalf("%q is not printable ASCII at %d", out, i)
		}
		var back message
		if err := json.Unmarshal(out, &back); err != nil {
			t.Fatal(err)
		}
		if want := strings.ToValidUTF8(text, "\ufffd"); utf8.ValidString(text) && back.Message != want {
			t.Fatalf("round trip of %q returned %q", want, back.Message)
		}
	})
}
