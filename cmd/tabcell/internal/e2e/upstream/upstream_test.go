//go:build upstream

// Package upstream runs the test suites of CPython and of the guest's libraries inside cells.
package upstream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/server"
	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/runtime"
)

// The libraries' own tests, run by pytest inside cells: what this platform changes shows here. TABCELL_UPSTREAM names a folder with the
// unpacked sources (numpy, pandas, scipy, scikit-learn) and with wheels/ of pytest, pluggy, iniconfig, packaging, pygments, sortedcontainers,
// attrs and a hypothesis that is pure Python (up to 6.150). TABCELL_UPSTREAM_ONLY is an expression that the names of test files match. Results
// come to out/ there, a file each, which a next run does not repeat; assets/build/check/upstream.py makes the table in UPSTREAM.md of them.

const (
	upstreamTurn  = 300 * time.Second // a cell runs tests for so long, then another cell goes on
	upstreamGrace = 120 * time.Second // for the test that is running then
)

func TestUpstream(t *testing.T) {
	dir := os.Getenv("TABCELL_UPSTREAM")
	if dir == "" {
		t.Skip("TABCELL_UPSTREAM names no folder")
	}
	for _, guest := range []string{"core", "full"} {
		t.Run(guest, func(t *testing.T) { runUpstream(t, dir, guest) })
	}
}

func runUpstream(t *testing.T, dir, name string) {
	only := regexp.MustCompile(os.Getenv("TABCELL_UPSTREAM_ONLY"))
	guest, err := server.Guests[name]()
	if err != nil {
		t.Fatal(err)
	}
	tests := addUpstream(t, dir, &guest)
	var todo []upstreamFile
	for _, f := range tests {
		if _, err := os.Stat(f.result(dir)); only.MatchString(f.path) && errors.Is(err, fs.ErrNotExist) {
			todo = append(todo, f)
		}
	}
	if len(todo) == 0 {
		return
	}
	e, err := runtime.New(t.Context(), runtime.Config{Guest: runtime.Guest(guest), CacheDir: testenv.CacheDir(), Concurrency: 1,
		Limits: runtime.Limits{Timeout: upstreamTurn + upstreamGrace, Memory: 2 << 30, Print: 256 << 20}})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	for _, f := range todo {
		events := f.run(t.Context(), e)
		t.Logf("%s: %s", f.path, events[strings.LastIndex(strings.TrimSpace(events), "\n")+1:])
		if err := os.WriteFile(f.result(dir), []byte(events), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// upstreamFile is a file of tests, by its path below /lib in the guest.
type upstreamFile struct{ path, ini string }

func (f upstreamFile) result(dir string) string {
	return filepath.Join(dir, "out", strings.NewReplacer("/lib/", "", "/", ".", ".py", ".txt").Replace(f.path))
}

// run runs all tests of a file, in as many cells as that takes: a cell ends with its turn, with a test that crashes it, or with one that
// does not end. It returns what the cells told.
func (f upstreamFile) run(ctx context.Context, e *runtime.Engine) string {
	var all strings.Builder
	begun := time.Now()
	for begin, more := 0, true; more; {
		events, err := f.turn(ctx, e, begin)
		next, total := progressOf(events)
		if err != nil {
			events += fmt.Sprintf("< crashed %s\n", strings.ReplaceAll(err.Error(), "\n", " "))
			next++
		}
		all.WriteString(events)
		more = next > begin && next < total
		begin = next
	}
	fmt.Fprintf(&all, "# %.0f s\n", time.Since(begun).Seconds())
	return all.String()
}

// turn runs the tests from begin on in one cell.
func (f upstreamFile) turn(ctx context.Context, e *runtime.Engine, begin int) (string, error) {
	body, err := json.Marshal(map[string]any{
		"script": "import upstream_runner\nreturn upstream_runner.run(_arg1, _arg2, _arg3, _arg4)",
		"data":   map[string]any{"_arg1": f.path, "_arg2": f.ini, "_arg3": begin, "_arg4": upstreamTurn.Seconds()},
	})
	if err != nil {
		return "", err
	}
	r, err := e.Evaluate(ctx, runtime.Call{Body: body})
	events := eventsOf(r.Output)
	if err == nil && !strings.Contains(events, "\n= ") {
		err = fmt.Errorf("pytest ended with %s: %s", r.Body, r.Output[max(0, len(r.Output)-2000):])
	}
	return events, err
}

func eventsOf(output []byte) string {
	var b strings.Builder
	for line := range strings.SplitSeq(string(output), "\n") {
		if event, ok := strings.CutPrefix(line, "\x01"); ok {
			b.WriteString(event + "\n")
		}
	}
	return b.String()
}

// progressOf reads the index of the next test, or of the one that has not ended, and the number of tests.
func progressOf(events string) (next, total int) {
	for line := range strings.SplitSeq(events, "\n") {
		switch {
		case strings.HasPrefix(line, "> "):
			fmt.Sscanf(line, "> %d", &next)
		case strings.HasPrefix(line, "= "):
			fmt.Sscanf(line, "= %d %d", &total, &next)
		}
	}
	return next, total
}
