package logging

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/term"

	"github.com/rs/zerolog"
)

func TestReadRecord(t *testing.T) {
	const id = "0b3c1f6e-2b1f-4b6e-9c1d-6f0a1b2c3d4e"
	for _, c := range []struct{ line, message, logger string }{
		{`{"level":"info","message":"plain"}`, "plain", startLogger},
		{`{"host":"localhost","port":9004,"ok":true,"none":null,"message":"m"}`, "m host=localhost port=9004 ok=true none=null", startLogger},
		{`{"call":"` + id + `","message":"m","run":1.5}`, "m run=1.5, <<call ID: " + id + ">>", requestLogger},
		{`{"call":"` + id + `","message":"Call ID: ` + id + `, Caller: x","remote":"x"}`, "Call ID: " + id + ", Caller: x", requestLogger},
		{`{"call":"` + id + `","logger":"tornado.access","method":"GET","path":"/x","status":404,"remote":"::1","took":1.5,"bytes":3,"message":"404 GET /x (::1) 1.50ms"}`,
			"404 GET /x (::1) 1.50ms bytes=3, <<call ID: " + id + ">>", accessLogger},
		{`{"call":"` + id + `","status":404,"message":"Responding with status=404, message=\"m\", info=\"i\""}`,
			`Responding with status=404, message="m", info="i", <<call ID: ` + id + ">>", requestLogger},
		{`{"took":2,"step":"compile","message":"done"}`, "done step=compile took=2", startLogger},
		{`{"error":"a \"quoted\" text","empty":"","message":""}`, ` error="a \"quoted\" text" empty=""`, startLogger},
		{`{"message":"a\nb\r\t\u001b[31m\u2028\u202e\u0000é"}`, `a\nb\r\t\x1b[31m\u2028\u202e\x00é`, startLogger},
		{`{"call":"x\ny>>","a":"b, <<call ID: z>>","c":"d\u0085e","message":"m"}`, `m a="b, <<call ID: z>>" c="d\u0085e", <<call ID: x\ny>>>>`, requestLogger},
		{`{"logger":"a","list":["x\u0007"],"message":"m"}`, `m list=["x\u0007"]`, "a"},
		{"no JSON\n", "no JSON", startLogger},
		{"", "", startLogger},
	} {
		r := readRecord([]byte(c.line))
		if r.Message != c.message || r.Logger != c.logger {
			t.Errorf("%s\n got  %q %s\n want %q %s", c.line, r.Message, r.Logger, c.message, c.logger)
		}
	}
}

// FuzzRecord checks that each record is a single line without hidden characters that contains the
// logged message and fields.
func FuzzRecord(f *testing.F) {
	for _, text := range []string{"", "m", "a\nb", `"`, `\`, "\u2028", "\x1b[0m", "{\"a\":1}", "\xff", ">>, <<call ID: x>>", "x=y"} {
		f.Add(text, text, text, "{}")
	}
	f.Add("m", "k", "v", `{"message":"m","a":{"b":[1,"}"]},"c":"\"}`)
	f.Fuzz(func(t *testing.T, message, key, value, raw string) {
		var line bytes.Buffer
		log := zerolog.New(&line)
		log.Info().Str(callKey, value).Str("k"+key, value).Strs("l", []string{key, value}).Interface("o", map[string]string{key: value}).Msg(message)
		if !json.Valid(line.Bytes()) {
			t.Skip("the name of a field is not valid text")
		}
		for _, text := range []string{line.String(), raw} {
			r := readRecord([]byte(text))
			if strings.ContainsFunc(r.Message, term.Hidden) {
				t.Fatalf("%q: the message has hidden characters: %q", text, r.Message)
			}
		}
		if r := readRecord(line.Bytes()); !strings.HasPrefix(r.Message, term.OneLine(string([]rune(message)))) || !strings.Contains(r.Message, " l=[") {
			t.Fatalf("%q: the message lacks a part: %q", line.String(), r.Message)
		}
	})
}
