package pylog

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the expected results are for the time zone Europe/Berlin
	"unicode/utf8"
)

// readCases reads test cases from testdata. testdata/make.py writes them, with the results of
// CPython.
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

func TestFormatsMatchPython(t *testing.T) {
	for _, c := range readCases[struct{ Format, Dates, Style, Want string }](t, "formats.json") {
		f, problems := ParseFormat(c.Format, c.Dates, c.Style)
		if got := string(f.Append(nil, testRecord(t))); got != c.Want || len(problems) > 0 {
			t.Errorf("%s\ngot  %q %v\nwant %q", c.Format, got, problems, c.Want)
		}
	}
}

func TestDatesMatchPython(t *testing.T) {
	for _, c := range readCases[struct {
		Format, Want string
		Time         int64
	}](t, "dates.json") {
		d, unknown := parseDateFormat(c.Format)
		if got := d.text(time.Unix(c.Time, 0).In(berlin(t))); got != c.Want || unknown != "" {
			t.Errorf("%s at %d gives %q (unknown directive %q), want %q", c.Format, c.Time, got, unknown, c.Want)
		}
	}
}

// A part of a format that Python rejects at start, or for each record, is a problem and is printed
// unchanged. The rest of the format applies.
func TestFormatProblems(t *testing.T) {
	for _, c := range []struct{ style, format, want, problem string }{
		{"%", "%(mesage)s %(levelname)s", "%(mesage)s WARNING", "%(mesage)s is not an attribute of a log record; it is printed unchanged"},
		{"%", "%(levelname)d", "%(levelname)d", "%(levelname)d has a conversion that does not fit the type of this field; it is printed unchanged"},
		{"%", "%(created)x", "%(created)x", "%(created)x has a conversion that does not fit"},
		{"%", "%(message)r", "%(message)r", "%(message)r has a conversion that does not fit"},
		{"%", "%s %(name)s", "%s tornado.access", "%s is not a conversion such as %(message)s or %%; it is"},
		{"%", "%(name)s 5 %", "tornado.access 5 %", "% is not a conversion"},
		{"%", "%(name", "%(name", "%(name is not a conversion"},
		{"%", "%(lineno)*d", "%(lineno)*d", "%(lineno)*d is not a conversion"},
		{"%", "constant", "constant", "the format has no field, so all lines are equal"},
		{"!", "%(name)s", "tornado.access", `style "!" is not one of %, {, $; % is used`},
		{"{", "{} {name}", "{} tornado.access", "{ is not a field"},
		{"{", "{record.name} {name!r} {name", "{record.name} {name!r} {name", "{record.name is not a field"},
		{"{", "{name:d}", "{name:d}", "{name:d} has a conversion that does not fit"},
		{"{", "{lineno:.3}", "{lineno:.3}", "{lineno:.3} has an unsupported format"},
		{"{", "{lineno:.3d}", "{lineno:.3d}", "{lineno:.3d} has a precision"},
		{"{", "{created:d}", "{created:d}", "{created:d} has a conversion that does not fit"},
		{"{", "{name:=9}", "{name:=9}", "{name:=9} has a format that does not apply to strings"},
		{"{", "{lineno:,}", "{lineno:,}", "{lineno:,} has an unsupported format"},
		{"{", "{lineno:{levelno}}", "{lineno:30}", "{lineno: is not a field"},
		{"$", "$1 ${} $ $name", "$1 ${} $ tornado.access", "$1 is not a field such as $message"},
	} {
		f, problems := ParseFormat(c.format, "", c.style)
		if got := string(f.Append(nil, testRecord(t))); got != c.want {
			t.Errorf("%s prints %q, want %q", c.format, got, c.want)
		}
		if len(problems) == 0 || !strings.HasPrefix(problems[0], c.problem) {
			t.Errorf("%s has the problems %q, want %q", c.format, problems, c.problem)
		}
	}
	if _, problems := ParseFormat("%(asctime)s", "%H %f", ""); !reflect.DeepEqual(problems, []string{"datefmt: %f is not a directive of strftime; it is printed unchanged"}) {
		t.Errorf("%%H %%f has the problems %q", problems)
	}
	if d, _ := parseDateFormat("%f%"); d.text(time.Unix(0, 0)) != "%f%" {
		t.Errorf("%%f%% prints %q, want it unchanged", d.text(time.Unix(0, 0)))
	}
}

func TestUsesSource(t *testing.T) {
	for format, want := range map[string]bool{"%(message)s": false, "%(filename)s": true, "%(lineno)5d": true, "%(funcName)s": true, "(filename)s": false} {
		if f, _ := ParseFormat(format, "", ""); f.UsesSource() != want {
			t.Errorf("UsesSource of %s is %v, want %v", format, !want, want)
		}
	}
}

// FuzzFormat checks that every format prints a record of limited size, and that a format without
// problems prints the message.
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
			t.Fatalf("%q prints %d bytes", format, len(got))
		}
		if utf8.ValidString(format) && utf8.ValidString(dates) && !utf8.ValidString(got) {
			t.Fatalf("%q prints %q", format, got)
		}
		if len(problems) == 0 && strings.Contains(format, "%(message)s") && (style == "%" || style == "") &&
			!strings.Contains(got, r.Message) && !strings.Contains(format, "%%(") {
			t.Fatalf("%q prints %q", format, got)
		}
	})
}
