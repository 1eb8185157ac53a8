// Package dates compares the functions of the guest's C library for dates and locales with those of
// glibc: strftime, local time and setlocale, as scripts call them. It compares strptime, which the
// guest has in C, with CPython's.
//
// Each file in testdata has cases for one of them. record.py writes the results of a native Python
// to recorded.json. The results in the guest must be equal.
package dates

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"tabcell/assets"
	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/runtime"
)

func TestStrftime(t *testing.T) { compare(t, "strftime", "strftime", "cases") }

func TestStrptime(t *testing.T) { compare(t, "strptime", "strptime", "cases") }

// TestStrptimeInC compares strptime with the functions of Lib/_strptime.py in a cell. They must
// have the same results and exceptions for random texts, and must not be called for common formats.
func TestStrptimeInC(t *testing.T) {
	script := testenv.ReadFile(t, "testdata/strptime.py") + "\nreturn [*differences(1, 200, 20), unsupported()]"
	var found [][]string
	var left []string
	var compared, valid int
	decode(t, run(t, harness.Core(t), script), &[]any{&found, &compared, &valid, &left})
	for _, f := range found {
		t.Errorf("strptime(%q, %q):\n%s, want\n%s", f[0], f[1], f[2], f[3])
	}
	if compared != 200*20*3 || valid < compared/4 {
		t.Errorf("%d texts of %d are valid; the comparison needs a quarter", valid, compared)
	}
	if len(left) > 0 {
		t.Errorf("matched in Python: %q", left)
	}
}

func TestLocales(t *testing.T) { compare(t, "locales", "locales", "cases") }

func TestLocalTime(t *testing.T) { compare(t, "localtime", "localtime", "cases") }

// TestAllZones compares moments of two centuries in all zones of the tz database.
func TestAllZones(t *testing.T) { compare(t, "zones", "localtime", "all_zones") }

// compare runs a function of a file in testdata, which yields names and values, and compares them
// with those recorded for the group.
func compare(t *testing.T, group, file, function string) {
	t.Helper()
	var recorded map[string]map[string]json.RawMessage
	decode(t, []byte(testenv.ReadFile(t, "testdata/recorded.json")), &recorded)
	script := testenv.ReadFile(t, "testdata/"+file+".py") + "\nreturn {name: json.dumps(value) for name, value in " + function + "()}"
	var got map[string]string
	decode(t, run(t, harness.Core(t), script), &got)
	if len(got) != len(recorded[group]) || len(got) == 0 {
		t.Errorf("%d results, %d are recorded: run record.py", len(got), len(recorded[group]))
	}
	for name, value := range got {
		var have, want any
		decode(t, []byte(value), &have)
		decode(t, recorded[group][name], &want)
		if h, w := text(have), text(want); h != w {
			t.Errorf("%s:\n%.600s, want\n%.600s", name, h, w)
		}
	}
}

func decode(t *testing.T, raw []byte, to any) {
	t.Helper()
	if err := json.Unmarshal(raw, to); err != nil {
		t.Fatalf("%v: %.200s", err, raw)
	}
}

func text(value any) string {
	b, _ := json.Marshal(value) // decoded values always marshal
	return string(b)
}

func run(t *testing.T, e *runtime.Engine, script string) []byte {
	t.Helper()
	r, err := e.Evaluate(t.Context(), runtime.Call{Body: harness.ScriptRequest(script, "{}")})
	if err != nil {
		var scriptErr *runtime.ScriptError
		if errors.As(err, &scriptErr) {
			t.Fatalf("%v\n%s", err, scriptErr.Traceback)
		}
		t.Fatal(err)
	}
	return r.Body
}

const clock = `
import datetime, time
now = datetime.datetime.now()
return [now.isoformat(), time.localtime(0).tm_zone, list(time.tzname), time.timezone, datetime.datetime.fromtimestamp(1_720_000_000).astimezone().isoformat(),
        time.mktime((2024, 7, 1, 12, 0, 0, 0, 0, -1)), pandas.Timestamp.today().isoformat()]`

// TestConfiguredZone starts engines with different zones over one cache: names, rules, and the
// content of a zone file. Each has its own image.
func TestConfiguredZone(t *testing.T) {
	guest, err := assets.Core()
	if err != nil {
		t.Fatal(err)
	}
	resources, err := guest.Resources()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		zone, want string
		offset     time.Duration // now, within an hour
	}{
		{"Pacific/Auckland", `["NZST", ["NZST", "NZDT"], -43200, "2024-07-03T21:46:40+12:00", 1719792000.0]`, 12*time.Hour + 30*time.Minute},
		{"Asia/Kolkata", `["IST", ["IST", "IST"], -19800, "2024-07-03T15:16:40+05:30", 1719815400.0]`, 5*time.Hour + 30*time.Minute},
		{"Pacific/Auckland", `["NZST", ["NZST", "NZDT"], -43200, "2024-07-03T21:46:40+12:00", 1719792000.0]`, 12*time.Hour + 30*time.Minute},
		{"XYZ3", `["XYZ", ["XYZ", "XYZ"], 10800, "2024-07-03T06:46:40-03:00", 1719846000.0]`, -3 * time.Hour},
		{string(resources["f:/lib/tzdata/zoneinfo/Asia/Tokyo"]), `["JST", ["JST", "JST"], -32400, "2024-07-03T18:46:40+09:00", 1719802800.0]`, 9 * time.Hour},
		{"TZif damaged", `["UTC", ["UTC", "UTC"], 0, "2024-07-03T09:46:40+00:00", 1719835200.0]`, 0},
		{"", `["UTC", ["UTC", "UTC"], 0, "2024-07-03T09:46:40+00:00", 1719835200.0]`, 0},
	} {
		e, err := harness.StartEngine(runtime.Config{Guest: runtime.Guest(guest), TimeZone: []byte(c.zone)})
		if err != nil {
			t.Fatal(err)
		}
		var got []json.RawMessage
		decode(t, run(t, e, clock), &got)
		var want any
		decode(t, []byte(c.want), &want)
		var middle []any
		for _, raw := range got[1 : len(got)-1] {
			var v any
			decode(t, raw, &v)
			middle = append(middle, v)
		}
		if text(middle) != text(want) {
			t.Errorf("%.20q: %s, want %s", c.zone, text(middle), text(want))
		}
		for _, raw := range []json.RawMessage{got[0], got[len(got)-1]} {
			now, err := time.Parse("2006-01-02T15:04:05.999999", strings.Trim(string(raw), `"`))
			if err != nil || now.Sub(time.Now().UTC().Add(c.offset)).Abs() > time.Hour {
				t.Errorf("%.20q: it is %s, %v", c.zone, raw, err)
			}
		}
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}
}
