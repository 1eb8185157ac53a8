package audit

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tabcell/httpapi"
	"tabcell/settings"

	"github.com/rs/zerolog"
)

// TestRestart checks that the chain continues, also after a clean stop.
func TestRestart(t *testing.T) {
	f := newFileTrail(t)
	for range 3 {
		f.deploys(2)
		f.stop()
		f.start(0, 0)
	}
	if f.note != "" {
		t.Errorf("note: %s", f.note)
	}
	f.wantValid(6)
	if info, err := os.Stat(f.path); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("mode %v, %v: others can read the trail", info.Mode(), err)
	}
}

// TestRestartAfterCrash changes the end of the trail as a crash may, and as nothing but a person
// does.
func TestRestartAfterCrash(t *testing.T) {
	for name, c := range map[string]struct {
		change func(f *fileTrail, text string)
		note   string // in the log; "" for none
		torn   int
		want   string // problems after the restart
	}{
		"torn line":                   {change: func(f *fileTrail, text string) { f.write(text + `{"seq":4,"time":"20`) }, torn: 1},
		"torn at the start of a line": {change: func(f *fileTrail, text string) { f.write(text + `{`) }, torn: 1},
		"zeros":                       {change: func(f *fileTrail, text string) { f.write(text + strings.Repeat("\x00", 4096)) }, torn: 1},
		"no line feed":                {change: func(f *fileTrail, text string) { f.write(strings.TrimSuffix(text, "\n")) }},
		"head behind":                 {change: func(f *fileTrail, text string) { f.writeHead(text, 2) }},
		"head without end":            {change: func(f *fileTrail, _ string) { f.writeHeadText("0000") }, note: "the head file of the audit trail is missing"},
		"last line removed": {change: func(f *fileTrail, text string) { f.write(firstLines(text, 2)) }, note: "ends with line 2, but line 3 was written",
			want: "audit.jsonl:3: line 3 is missing before this one"},
		"last line torn and removed": {change: func(f *fileTrail, text string) { f.write(firstLines(text, 2) + `{"seq":3`) }, torn: 1, note: "ends with line 2",
			want: "audit.jsonl:4: line 3 is missing before this one"},
		"last line changed": {change: func(f *fileTrail, text string) { f.write(text[:len(text)-9] + "0000000\n") }, note: "the last line of the audit trail is damaged",
			want: "audit.jsonl:3: this is not a line of an audit trail\naudit.jsonl:4: line 3 is missing before this one"},
		"emptied": {change: func(f *fileTrail, _ string) { f.write("") }, want: "audit.jsonl:1: lines 1 to 3 are missing"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFileTrail(t)
			f.deploys(3)
			f.stop()
			c.change(f, f.read())
			f.start(0, 0)
			if (f.note == "") != (c.note == "") || !strings.Contains(f.note, c.note) {
				t.Errorf("note %q, want %q", f.note, c.note)
			}
			f.deploys(2)
			f.stop()
			report, got := f.verify(Options{Complete: true})
			if got != c.want || report.Torn != c.torn {
				t.Errorf("%d torn lines, want %d; problems:\n%s\nwant:\n%s", report.Torn, c.torn, got, c.want)
			}
		})
	}
}

func firstLines(text string, n int) string {
	return strings.Join(strings.SplitAfter(text, "\n")[:n], "")
}

func (f *fileTrail) writeHead(text string, seq uint64) {
	f.t.Helper()
	r, hash, err := decode([]byte(strings.SplitAfter(text, "\n")[seq-1]))
	if err != nil {
		f.t.Fatal(err)
	}
	f.writeHeadText(string(headText(position{r.Seq, hash})))
}

func (f *fileTrail) writeHeadText(text string) {
	f.t.Helper()
	if err := os.WriteFile(f.path+headSuffix, []byte(text), 0o600); err != nil {
		f.t.Fatal(err)
	}
}

// TestDamagedWithoutHead checks that a chain does not continue from an unknown place.
func TestDamagedWithoutHead(t *testing.T) {
	f := newFileTrail(t)
	f.deploys(1)
	f.stop()
	f.write("hello\n")
	if err := os.Remove(f.path + headSuffix); err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := openFile(f.path, 0, 0); !errors.Is(err, errDamagedEnd) {
		t.Errorf("openFile returns %v", err)
	}
}

func TestSecondServer(t *testing.T) {
	f := newFileTrail(t)
	if _, _, _, err := openFile(f.path, 0, 0); err == nil || !strings.Contains(err.Error(), "another server writes to") {
		t.Errorf("openFile returns %v", err)
	}
}

// TestFullDisk checks that a full disk stops changes, is reported once, and leaves a valid trail.
func TestFullDisk(t *testing.T) {
	for _, appendOnly := range []bool{false, true} {
		for _, room := range []int{0, 1, 50} {
			t.Run(fmt.Sprintf("append-only %t, room %d", appendOnly, room), func(t *testing.T) {
				f := newFileTrail(t)
				f.deploys(2)
				disk := &fullDisk{output: f.sink.file, room: room, appendOnly: appendOnly}
				f.sink.file = disk
				for range 3 {
					if err := f.Record(httpapi.AuditEvent{Kind: httpapi.AuditRemove, Outcome: httpapi.AuditOK, Endpoint: "m"}); !errors.Is(err, errFull) {
						t.Fatalf("Record returns %v, want %v", err, errFull)
					}
					disk.room = room / 2
				}
				if s := f.Stats(); s.Lost != 3 || !strings.Contains(s.Failing, errFull.Error()) || s.Lines != 2 {
					t.Errorf("state while the disk is full: %+v", s)
				}
				disk.room = 1 << 20
				f.deploys(2)
				if s := f.Stats(); s.Failing != "" {
					t.Errorf("state after that: %+v", s)
				}
				f.stop()
				report, problems := f.verify(Options{Complete: true})
				if problems != "" || report.Lost != 3 {
					t.Errorf("%d lost events, problems:\n%s\n%s", report.Lost, problems, f.read())
				}
				if got := strings.Count(f.log.String(), "cannot be written"); got != 1 {
					t.Errorf("the failure was logged %d times:\n%s", got, f.log.String())
				}
			})
		}
	}
}

// TestRepeats checks that refused requests cannot fill the disk.
func TestRepeats(t *testing.T) {
	f := newFileTrail(t)
	refused := httpapi.AuditEvent{Kind: httpapi.AuditSignIn, Outcome: httpapi.AuditRefused, Account: "ann", Address: "10.0.0.1"}
	for i := range 1000 {
		refused.Call = fmt.Sprint(i)
		if err := f.Record(refused); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 10_000 {
		_ = f.Record(httpapi.AuditEvent{Kind: httpapi.AuditSignIn, Outcome: httpapi.AuditRefused, Account: fmt.Sprint(i)})
	}
	if got := f.Stats().Lines; got != maxRefusals {
		t.Errorf("%d lines for a flood of refusals, want %d", got, maxRefusals)
	}
	f.clock.advance(2 * refusalWindow)
	f.deploys(1)
	if text := f.read(); !strings.Contains(text, `"address":"10.0.0.1","call":"0","repeats":999`) ||
		!strings.Contains(text, fmt.Sprintf(`"repeats":%d`, 10_000-maxRefusals+1)) {
		t.Errorf("the repeats are not reported:\n%s", text[max(0, len(text)-2000):])
	}
	f.wantValid(maxRefusals + 3)
}

// TestSignIns checks that a client that authenticates each request has one line each hour.
func TestSignIns(t *testing.T) {
	f := newFileTrail(t)
	signIn := httpapi.AuditEvent{Kind: httpapi.AuditSignIn, Outcome: httpapi.AuditOK, Account: "ann", Address: "10.0.0.1"}
	for range 100 {
		_ = f.Record(signIn)
	}
	f.clock.advance(signInWindow)
	for range 100 {
		_ = f.Record(signIn)
	}
	f.stop()
	f.wantValid(2)
}

// TestCloseReportsRepeats checks that the repeats of the last minute are not lost.
func TestCloseReportsRepeats(t *testing.T) {
	f := newFileTrail(t)
	for range 5 {
		_ = f.Record(httpapi.AuditEvent{Kind: httpapi.AuditLimit, Outcome: httpapi.AuditRefused, Reason: "memory"})
	}
	f.stop()
	if !strings.Contains(f.read(), `"repeats":4`) {
		t.Error(f.read())
	}
	if err := f.Record(httpapi.AuditEvent{Kind: httpapi.AuditDeploy}); err == nil {
		t.Error("a closed trail accepts events")
	}
}

// TestHammer records from many goroutines while the file rotates and is opened again.
func TestHammer(t *testing.T) {
	f := newFileTrail(t)
	f.stop()
	f.start(4000, 0)
	var group sync.WaitGroup
	for g := range 8 {
		group.Go(func() {
			for i := range 50 {
				kind := httpapi.AuditDeploy
				if i%2 == 0 {
					kind = httpapi.AuditReload
				}
				if err := f.Record(httpapi.AuditEvent{Kind: kind, Account: fmt.Sprint("account ", g), Reason: strings.Repeat("x", 10*g)}); err != nil {
					t.Error(err)
				}
				if i%20 == 0 {
					if err := f.Reopen(); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	group.Wait()
	f.stop()
	f.wantValid(400)
	if n := len(Rotated(f.path)); n < 10 {
		t.Errorf("only %d rotated files", n)
	}
	for _, path := range append(Rotated(f.path), f.path) {
		if info, err := os.Stat(path); err != nil || info.Size() > 4000 {
			t.Errorf("%s: %v bytes, %v", path, info.Size(), err)
		}
	}
}

func TestKeep(t *testing.T) {
	f := newFileTrail(t)
	f.stop()
	f.start(1000, 3)
	f.deploys(40)
	f.stop()
	if n := len(Rotated(f.path)); n != 3 {
		t.Errorf("%d rotated files, want 3", n)
	}
	if report, problems := f.verify(Options{}); problems != "" || report.First == 1 {
		t.Errorf("first line %d, problems:\n%s", report.First, problems)
	}
	if _, problems := f.verify(Options{Complete: true}); !strings.Contains(problems, "lines 1 to ") {
		t.Errorf("problems of an incomplete trail: %q", problems)
	}
}

// TestMovedAway checks logrotate's way: it moves the file and asks the server to open it again.
func TestMovedAway(t *testing.T) {
	for _, restart := range []bool{false, true} {
		f := newFileTrail(t)
		f.deploys(2)
		moved := f.path + "-20261129"
		if err := os.Rename(f.path, moved); err != nil {
			t.Fatal(err)
		}
		f.deploys(1)
		if restart {
			f.stop()
			f.start(0, 0)
		} else if err := f.Reopen(); err != nil {
			t.Fatal(err)
		}
		f.deploys(1)
		f.stop()
		report, err := VerifyFiles([]string{f.path, moved}, Options{Complete: true})
		if err != nil || report.Problems != nil || report.Lines != 4 || report.Files != 2 {
			t.Errorf("%d lines, problems %v, %v", report.Lines, report.Problems, err)
		}
	}
}

// TestRotationFails checks that events are refused, not written over an existing file.
func TestRotationFails(t *testing.T) {
	f := newFileTrail(t)
	f.stop()
	f.start(500, 0)
	f.deploys(1)
	if err := os.WriteFile(f.path+".000000000001", []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := f.Record(httpapi.AuditEvent{Kind: httpapi.AuditDeploy, Reason: strings.Repeat("x", 400)}); err == nil {
		t.Fatal("an existing file did not stop the rotation")
	}
	if err := os.Remove(f.path + ".000000000001"); err != nil {
		t.Fatal(err)
	}
	f.deploys(1)
	f.stop()
	f.wantValid(2)
}

// TestTimes checks the order of the members and the time.
func TestTimes(t *testing.T) {
	f := newFileTrail(t)
	f.clock.advance(1500 * time.Millisecond)
	f.deploys(1)
	want := `{"seq":1,"time":"2026-11-29T12:00:01.500Z","event":"deploy","outcome":"ok","account":"ann","endpoint":"m","version":1,"prev":"` + origin.hash + `","hash":"`
	if !strings.HasPrefix(f.read(), want) {
		t.Errorf("line %s, want %s", f.read(), want)
	}
}

// Lines name the node of a cluster as soon as it is known, and the chain stays intact.
func TestNodeIsNamed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "audit.jsonl")
	trail, err := Open(settings.Audit{To: file}, nil, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	e := httpapi.AuditEvent{Kind: httpapi.AuditStart, Outcome: httpapi.AuditOK}
	err = trail.Record(e)
	trail.SetNode("node1")
	if err = errors.Join(err, trail.Record(e), trail.Close()); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil || strings.Count(string(text), `"node":"node1"`) != 1 {
		t.Errorf("the trail is (%v)\n%s", err, text)
	}
	if report, err := VerifyFiles([]string{file}, Options{}); err != nil || !report.Intact() {
		t.Errorf("the trail is not intact: %+v, %v", report, err)
	}
}
