package audit

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tabcell/httpapi"

	"github.com/rs/zerolog"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// clock is a clock that a test advances.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// fileTrail is a trail in a file of a temporary folder.
type fileTrail struct {
	*Trail
	t     *testing.T
	path  string
	clock *clock
	log   bytes.Buffer
	note  string
	sink  *fileSink
}

func newFileTrail(t *testing.T) *fileTrail {
	f := &fileTrail{t: t, path: filepath.Join(t.TempDir(), "audit.jsonl"), clock: newClock()}
	f.start(0, 0)
	return f
}

// start opens the trail, as a start of the server does.
func (f *fileTrail) start(maxBytes int64, keep int) {
	f.t.Helper()
	sink, at, note, err := openFile(f.path, maxBytes, keep)
	if err != nil {
		f.t.Fatal(err)
	}
	f.note, f.sink = note, sink
	f.Trail = newTrail(sink, at, zerolog.New(&f.log), f.clock.now)
	f.t.Cleanup(func() { _ = f.Trail.Close() })
}

func (f *fileTrail) stop() {
	f.t.Helper()
	if err := f.Close(); err != nil {
		f.t.Fatal(err)
	}
}

// deploys records n deployments.
func (f *fileTrail) deploys(n int) {
	f.t.Helper()
	for i := range n {
		e := httpapi.AuditEvent{Kind: httpapi.AuditDeploy, Outcome: httpapi.AuditOK, Account: "ann", Endpoint: "m", Version: i + 1}
		if err := f.Record(e); err != nil {
			f.t.Fatal(err)
		}
	}
}

func (f *fileTrail) read() string {
	f.t.Helper()
	text, err := os.ReadFile(f.path)
	if err != nil {
		f.t.Fatal(err)
	}
	return string(text)
}

func (f *fileTrail) write(text string) {
	f.t.Helper()
	if err := os.WriteFile(f.path, []byte(text), 0o600); err != nil {
		f.t.Fatal(err)
	}
}

func (f *fileTrail) files() []string { return append(Rotated(f.path), f.path, f.path+headSuffix) }

// verify verifies the files and returns the problems without the folder.
func (f *fileTrail) verify(o Options) (Report, string) {
	f.t.Helper()
	report, err := VerifyFiles(f.files(), o)
	if err != nil {
		f.t.Fatal(err)
	}
	var problems []string
	for _, p := range report.Problems {
		problems = append(problems, strings.ReplaceAll(p.String(), filepath.Dir(f.path)+string(filepath.Separator), ""))
	}
	return report, strings.Join(problems, "\n")
}

func (f *fileTrail) wantValid(lines uint64) {
	f.t.Helper()
	report, problems := f.verify(Options{Complete: true})
	if problems != "" || report.Lines != lines {
		f.t.Errorf("%d lines, want %d; problems:\n%s", report.Lines, lines, problems)
	}
}

var errFull = errors.New("no space left on device")

// fullDisk is a file on a disk that is full.
type fullDisk struct {
	output
	room       int  // bytes that still fit
	appendOnly bool // what was written cannot be removed
}

func (d *fullDisk) Write(p []byte) (int, error) {
	if len(p) <= d.room {
		d.room -= len(p)
		return d.output.Write(p)
	}
	n, err := d.output.Write(p[:d.room])
	d.room = 0
	return n, errors.Join(err, errFull)
}

func (d *fullDisk) Truncate(size int64) error {
	if d.appendOnly {
		return os.ErrPermission
	}
	return d.output.Truncate(size)
}
