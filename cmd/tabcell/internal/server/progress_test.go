package server

import (
	"bytes"
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"tabcell/runtime"

	"github.com/rs/zerolog"
)

// logged returns the messages of a log, and its last line.
func logged(t *testing.T, log *bytes.Buffer) (messages []string, last map[string]any) {
	t.Helper()
	for line := range bytes.Lines(log.Bytes()) {
		last = nil
		if err := json.Unmarshal(line, &last); err != nil {
			t.Fatal(err)
		}
		messages = append(messages, last["message"].(string))
	}
	return messages, last
}

// TestProgressLog reports twice a second for half a minute. A line is logged every five seconds.
func TestProgressLog(t *testing.T) {
	for _, shown := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			var out bytes.Buffer
			log := zerolog.New(&out)
			l := newProgressLog(&log, shown, true)
			due := 0
			for i := range 60 {
				if l.report(runtime.Progress{Guest: "core", Step: "compile", Fraction: float64(i) / 60, Left: time.Duration(60-i) * time.Second / 2}) {
					due++
				}
				time.Sleep(time.Second / 2)
			}
			messages, last := logged(t, &out)
			if due != 6 || len(messages) != map[bool]int{false: 6, true: 1}[shown] {
				t.Fatalf("shown elsewhere %t: %d lines due, logged %q", shown, due, messages)
			}
			if messages[0] != `compiling the Python guest "core", which is done once; later starts load it from the cache` {
				t.Errorf("first line %q", messages[0])
			}
			if !shown && (last["message"] != `preparing the Python guest "core": 83 %, about 5 s left` || last["percent"] != 83.0 ||
				last["seconds_left"] != 5.0 || last["guest"] != "core") {
				t.Errorf("last line %v", last)
			}
		})
	}
}

// TestProgressDone checks that the log names the source of the code, and that only a start that has
// compiled says so.
func TestProgressDone(t *testing.T) {
	for _, c := range []struct {
		p    runtime.Progress
		want string
	}{
		{runtime.Progress{Step: "compile", Code: runtime.CodeCompiled, Left: time.Second}, `the Python guest "core" was compiled`},
		{runtime.Progress{Step: "load", Code: runtime.CodeCached}, `the Python guest "core" was loaded from the cache`},
		{runtime.Progress{Step: "load", Code: runtime.CodeShipped}, `the Python guest "core" was loaded from the shipped code`},
		{runtime.Progress{Step: "boot"}, `the Python guest "core" was booted`},
	} {
		var out bytes.Buffer
		log := zerolog.New(&out)
		c.p.Guest, c.p.Done, c.p.Took = "core", true, time.Minute
		newProgressLog(&log, false, true).report(c.p)
		if messages, last := logged(t, &out); len(messages) != 1 || messages[0] != c.want || last["took"] != 60_000.0 || last["step"] != c.p.Step {
			t.Errorf("%+v: logged %q, %v", c.p, messages, last)
		}
	}
}

// TestProgressWithoutCache checks that a server without a cache folder promises no faster start.
func TestProgressWithoutCache(t *testing.T) {
	var out bytes.Buffer
	log := zerolog.New(&out)
	newProgressLog(&log, false, false).report(runtime.Progress{Guest: "core", Step: "compile", Left: time.Minute})
	want := `compiling the Python guest "core", which each start does without a cache folder (TABCELL_CACHE_DIR)`
	if messages, _ := logged(t, &out); len(messages) != 1 || messages[0] != want {
		t.Errorf("logged %q, want %q", messages, want)
	}
}
