package pylog

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the expectations were made in Berlin
	"unicode/utf8"
)

// What testdata/make.py asked CPython for is the expectation.
func readCases[T any](t testing.TB, name string) []T {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.UseNumber()
	var all []T
	if err := decoder.Decode(&all); err != nil {
		t.Fatal(err)
	}
	if len(all) < 10 {
		t.Fatalf("%s has only %d cases", name, len(all))
	}
	return all
}

func berlin(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func testRecord(t testing.TB) *Record {
	at := time.Unix(1754035200, 62_500_000).In(berlin(t))
	return &Record{
		Time: at, Started: at.Add(-1234500 * time.Microsecond), Level: 30, Logger: "tornado.access", Message: "404 GET /x (127.0.0.1) 0.52ms é",
		File: "tabcell/httpapi/log.go", Line: 45, Function: "logLine",
	}
}

func TestFormatsAreAsInPython(t *testing.T) {
	for _, c := range readCases[struct{ Format, Dates, Style, Want string }](t, "formats.json") {
		f, problems := ParseFormat(c.Format, c.Dates, c.Style)
		if got := string(f.Append(nil, testRecord(t))); got != c.Want || len(problems) > 0 {
			t.Errorf("%s\ngot  %q %v\nwant %q", c.Format, got, problems, c.Want)
		}
	}
}

func TestDatesAreAsInPython(t *testing.T) {
	for _, c := range readCases[struct {
		Format, Want string
		Time         int64
	}](t, "dates.json") {
		d, unknown := parseDateFormat(c.Format)
		if got := d.text(time.Unix(c.Time, 0).In(berlin(t))); got != c.Want || unknown != "" {
			t.Errorf("%s at %d: got %q, unknown %q, want %q", c.Format, c.Time, got, unknown, c.Want)
		}
	}
}

// What Python would refuse at start, or at each line, is named and printed as it stands; the rest of the format counts.
func TestFormatProblems(t *testing.T) {
	for _, c := range []struct{ style, format, want, problem string }{
		{"%", "%(mesage)s %(levelname)s", "%(mesage)s WARNING", "%(mesage)s is no field of a log line; it is printed as it stands"},
		{"%", "%(levelname)d", "%(levelname)d", "%(levelname)d asks for a kind of value that this field is not; it is printed as it stands"},
		{"%", "%(created)x", "%(created)x", "%(created)x asks for a kind"},
		{"%", "%(message)r", "%(message)r", "%(message)r asks for a kind"},
		{"%", "%s %(name)s", "%s tornado.access", "%s is no conversion such as %(message)s or %%; it is"},
		{"%", "%(name)s 5 %", "tornado.access 5 %", "% is no conversion"},
		{"%", "%(name", "%(name", "%(name is no conversion"},
		{"%", "%(lineno)*d", "%(lineno)*d", "%(lineno)*d is no conversion"},
		{"%", "all the same", "all the same", "the format names no field, so that all lines are the same"},
		{"!", "%(name)s", "tornado.access", `style "!" is none of %, {, $; % is assumed`},
		{"{", "{} {name}", "{} tornado.access", "{ is no field"},
		{"{", "{record.name} {name!r} {name", "{record.name} {name!r} {name", "{record.name is no field"},
		{"{", "{name:d}", "{name:d}", "{name:d} asks for a kind"},
		{"{", "{lineno:.3}", "{lineno:.3}", "{lineno:.3} has a format that has no counterpart here"},
		{"{", "{lineno:.3d}", "{lineno:.3d}", "{lineno:.3d} has a precision"},
		{"{", "{created:d}", "{created:d}", "{created:d} asks for a kind"},
		{"{", "{name:=9}", "{name:=9}", "{name:=9} has a format that is not for text"},
		{"{", "{lineno:,}", "{lineno:,}", "{lineno:,} has a format"},
		{"{", "{lineno:{levelno}}", "{lineno:30}", "{lineno: is no field"},
		{"$", "$1 ${} $ $name", "$1 ${} $ tornado.access", "$1 is no field such as $message"},
	} {
		f, problems := ParseFormat(c.format, "", c.style)
		if got := string(f.Append(nil, testRecord(t))); got != c.want {
			t.Errorf("%s: got %q, want %q", c.format, got, c.want)
		}
		if len(problems) == 0 || !strings.HasPrefix(problems[0], c.problem) {
			t.Errorf("%s: %q, want %q", c.format, problems, c.problem)
		}
	}
	if _, problems := ParseFormat("%(asctime)s", "%H %f", ""); !reflect.DeepEqual(problems, []string{"datefmt: %f is not known to strftime, and printed as it stands"}) {
		t.Errorf("%q", problems)
	}
	if d, _ := parseDateFormat("%f%"); d.text(time.Unix(0, 0)) != "%f%" {
		t.Errorf("%q", d.text(time.Unix(0, 0)))
	}
}

func TestUsesSource(t *testing.T) {
	for format, want := range map[string]bool{"%(message)s": false, "%(filename)s": true, "%(lineno)5d": true, "%(funcName)s": true, "(filename)s": false} {
		if f, _ := ParseFormat(format, "", ""); f.UsesSource() != want {
			t.Errorf("%s: %v", format, !want)
		}
	}
}

// FuzzFormat: whatever the format, a record is printed, nothing grows without bound, and a format without problems shows its message.
func FuzzFormat(f *testing.F) {
	for _, c := range readCases[struct{ Format, Dates, Style string }](f, "formats.json") {
		f.Add(c.Format, c.Dates, c.Style)
	}
	for _, c := range readCases[struct{ Format string }](f, "dates.json") {
		f.Add("%(asctime)s", c.Format, "%")
	}
	for _, text := range []string{"%", "{", "$", "%(", "{}}", "${", "%(name)9999s", "{name:\u00e9<9999}", "%(lineno)#0+ -9.999X", "{lineno:\u0661}"} {
		f.Add(text, text, text[:1])
	}
	f.Fuzz(func(t *testing.T, format, dates, style string) {
		r := testRecord(t)
		compiled, problems := ParseFormat(format, dates, style)
		got := string(compiled.Append(nil, r))
		if len(got) > 60_000*(1+len(format)) {
			t.Fatalf("%q became %d bytes", format, len(got))
		}
		if utf8.ValidString(format) && utf8.ValidString(dates) && !utf8.ValidString(got) {
			t.Fatalf("%q became %q", format, got)
		}
		if len(problems) == 0 && strings.Contains(format, "%(message)s") && (style == "%" || style == "") &&
			!strings.Contains(got, r.Message) && !strings.Contains(format, "%%(") {
			t.Fatalf("%q became %q", format, got)
		}
	})
}
