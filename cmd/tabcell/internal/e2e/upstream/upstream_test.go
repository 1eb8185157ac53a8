//go:build upstream

// Package upstream runs the test suites of CPython and of the guest's libraries inside cells, to
// show the effects of the platform and of our patches.
//
// For the libraries, TABCELL_UPSTREAM names a folder with the unpacked source of each library under
// its name (suites_test.go lists them; a missing one is left out), and with a folder wheels, which
// has pytest, pluggy, iniconfig, packaging, pygments, sortedcontainers, attrs and a hypothesis that
// is pure Python (up to 6.150). TABCELL_UPSTREAM_ONLY is a regular expression that selects test
// files by path. TABCELL_UPSTREAM_JOBS is the number of cells that run at a time, 1 by default.
// TABCELL_UPSTREAM_TIME is the time of a cell, 300s by default; a busy machine needs more. Each
// test file gets a file of results in the subfolder out; a test file with results is not run again.
// The file tests-GUEST.txt lists all test files. assets/build/check/upstream.py turns these files
// into the tables of UPSTREAM.md.
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
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/server"
	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/runtime"
)

// cellTime is the time after which another cell continues. The test that is running then has 2/5 of
// it in addition.
var cellTime = 300 * time.Second

func TestUpstream(t *testing.T) {
	dir := os.Getenv("TABCELL_UPSTREAM")
	if dir == "" {
		t.Skip("set TABCELL_UPSTREAM to the folder of the sources")
	}
	if text := os.Getenv("TABCELL_UPSTREAM_TIME"); text != "" {
		var err error
		if cellTime, err = time.ParseDuration(text); err != nil {
			t.Fatal(err)
		}
	}
	for _, guest := range []string{"core", "full"} {
		t.Run(guest, func(t *testing.T) { runUpstream(t, dir, guest) })
	}
}

// runUpstream runs the test files for the guest with the given name that have no results yet.
func runUpstream(t *testing.T, dir, name string) {
	guest, err := server.Guests[name]()
	if err != nil {
		t.Fatal(err)
	}
	pending := pendingTests(t, dir, name, addUpstream(t, dir, &guest))
	if len(pending) == 0 {
		return
	}
	jobs, _ := strconv.Atoi(os.Getenv("TABCELL_UPSTREAM_JOBS"))
	jobs = max(jobs, 1)
	e, err := runtime.New(t.Context(), runtime.Config{Guest: runtime.Guest(guest), CacheDir: testenv.CacheDir(), Concurrency: jobs,
		Limits: runtime.Limits{Timeout: cellTime * 7 / 5, Memory: 2047 << 20, Print: 256 << 20}})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	queue := make(chan testFile)
	var workers sync.WaitGroup
	for range jobs {
		workers.Go(func() {
			for f := range queue {
				f.record(t, e, dir)
			}
		})
	}
	for _, f := range pending {
		queue <- f
	}
	close(queue)
	workers.Wait()
}

// pendingTests lists the paths of all test files in tests-GUEST.txt, and returns the selected ones
// that have no results yet.
func pendingTests(t *testing.T, dir, guest string, all []testFile) (pending []testFile) {
	t.Helper()
	only := regexp.MustCompile(os.Getenv("TABCELL_UPSTREAM_ONLY"))
	var list strings.Builder
	for _, f := range all {
		list.WriteString(filepath.Base(f.result(dir)) + "\n")
		if _, err := os.Stat(f.result(dir)); only.MatchString(f.path) && errors.Is(err, fs.ErrNotExist) {
			pending = append(pending, f)
		}
	}
	testenv.WriteFile(t, filepath.Join(dir, "tests-"+guest+".txt"), list.String())
	return pending
}

// testFile is a file of tests, with the file of pytest's settings. The paths are those in the
// guest, below /lib.
type testFile struct{ path, ini string }

// result returns the path of the results of f.
func (f testFile) result(dir string) string {
	name := strings.ReplaceAll(strings.TrimPrefix(f.path, "/lib/"), "/", ".")
	return filepath.Join(dir, "out", strings.TrimSuffix(name, ".py")+".txt")
}

// record runs all tests of a file and writes the events to its file of results.
func (f testFile) record(t *testing.T, e *runtime.Engine, dir string) {
	events := f.run(t.Context(), e)
	t.Logf("%s: %s", f.path, events[strings.LastIndex(strings.TrimSpace(events), "\n")+1:])
	if err := os.WriteFile(f.result(dir), []byte(events), 0o644); err != nil {
		t.Error(err)
	}
}

// run runs all tests of a file in as many cells as necessary, and returns the events. A cell ends
// after cellTime, after a test that crashes it, or after a test that does not end.
func (f testFile) run(ctx context.Context, e *runtime.Engine) string {
	var all strings.Builder
	start := time.Now()
	for begin, more := 0, true; more; {
		events, err := f.runCell(ctx, e, begin)
		next, total := progressOf(events)
		if err != nil {
			events += fmt.Sprintf("< crashed %s\n", strings.ReplaceAll(err.Error(), "\n", " "))
			next++
		}
		all.WriteString(events)
		more = next > begin && next < total
		begin = next
	}
	fmt.Fprintf(&all, "# %.0f s\n", time.Since(start).Seconds())
	return all.String()
}

// runCell runs the tests from index begin on in one cell and returns the events.
func (f testFile) runCell(ctx context.Context, e *runtime.Engine, begin int) (string, error) {
	body, err := json.Marshal(map[string]any{
		"script": "import upstream_runner\nreturn upstream_runner.run(_arg1, _arg2, _arg3, _arg4)",
		"data":   map[string]any{"_arg1": f.path, "_arg2": f.ini, "_arg3": begin, "_arg4": cellTime.Seconds()},
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

// eventsOf returns the events in the output of upstream_runner.py, without their mark.
func eventsOf(output []byte) string {
	var b strings.Builder
	for line := range strings.SplitSeq(string(output), "\n") {
		if event, ok := strings.CutPrefix(line, "\x01"); ok {
			b.WriteString(event + "\n")
		}
	}
	return b.String()
}

// progressOf returns the index of the next test, or of the test that did not end, and the number of
// tests.
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
