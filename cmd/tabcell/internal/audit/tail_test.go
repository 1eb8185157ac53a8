package audit

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"tabcell/httpapi"

	"github.com/rs/zerolog"
)

// numbers returns the sequence numbers of entries.
func numbers(entries []Entry) string {
	var all []string
	for _, e := range entries {
		all = append(all, fmt.Sprint(e.Number()))
	}
	return strings.Join(all, " ")
}

func (f *fileTrail) tail(before uint64, limit int) (string, bool) {
	f.t.Helper()
	entries, more, err := f.Tail(before, limit)
	if err != nil {
		f.t.Fatal(err)
	}
	return numbers(entries), more
}

func TestTail(t *testing.T) {
	f := newFileTrail(t)
	if got, more := f.tail(0, 10); got != "" || more {
		t.Errorf("an empty trail: %s, %v", got, more)
	}
	f.deploys(7)
	for _, c := range []struct {
		before uint64
		limit  int
		want   string
		more   bool
	}{{0, 3, "7 6 5", true}, {5, 3, "4 3 2", true}, {2, 3, "1", false}, {0, 7, "7 6 5 4 3 2 1", false}, {1, 3, "", false}, {100, 2, "7 6", true}} {
		if got, more := f.tail(c.before, c.limit); got != c.want || more != c.more {
			t.Errorf("before %d: %s, %v; want %s, %v", c.before, got, more, c.want, c.more)
		}
	}
	entries, _, _ := f.Tail(0, 1)
	text, _ := json.Marshal(entries[0])
	if got := string(text); !strings.HasPrefix(got, `{"seq":7,"time":"2026-11-29T12:00:00.000Z","event":"deploy","outcome":"ok","account":"ann","endpoint":"m","version":7,"prev":"`) ||
		!strings.HasSuffix(got, `"intact":true}`) {
		t.Errorf("got %s", got)
	}
}

// The pages of a trail in many files, with lines of different lengths, have each line once.
func TestTailAcrossFiles(t *testing.T) {
	f := newFileTrail(t)
	f.stop()
	f.start(300_000, 0)
	const lines = 3000
	for i := range lines {
		e := httpapi.AuditEvent{Kind: httpapi.AuditReload, Outcome: httpapi.AuditOK, Reason: strings.Repeat("x", i%500)}
		if err := f.Record(e); err != nil {
			t.Fatal(err)
		}
	}
	if len(Rotated(f.path)) < 3 {
		t.Fatalf("only %d rotated files", len(Rotated(f.path)))
	}
	next := uint64(lines)
	for before, more := uint64(0), true; more; before = next + 1 {
		var entries []Entry
		var err error
		if entries, more, err = f.Tail(before, 170); err != nil || len(entries) == 0 {
			t.Fatalf("before %d: %d lines, %v", before, len(entries), err)
		}
		for _, e := range entries {
			if e.Number() != next || !e.Intact {
				t.Fatalf("line %d (intact: %v), want %d", e.Number(), e.Intact, next)
			}
			next--
		}
	}
	if next != 0 {
		t.Errorf("the pages end before line %d", next)
	}
	if entries, more, _ := f.Tail(0, 1<<30); len(entries) != MaxTail || !more {
		t.Errorf("a page has %d lines", len(entries))
	}
}

func TestTailOfDamagedTrail(t *testing.T) {
	f := newFileTrail(t)
	f.deploys(4)
	text := strings.Replace(f.read(), `"version":2`, `"version":9`, 1)
	f.write(text + "no line\n" + strings.Repeat("y", 3*tailBlock) + "\n" + `{"seq":5,"torn`)
	entries, more, err := f.Tail(0, 10)
	if err != nil || more || numbers(entries) != "4 3 2 1" {
		t.Fatalf("%s, %v, %v", numbers(entries), more, err)
	}
	for _, e := range entries {
		if e.Intact != (e.Number() != 2) {
			t.Errorf("line %d: intact %v", e.Number(), e.Intact)
		}
	}
}

// A file that is far too large for one page is not read to its beginning.
func TestTailReadsAPartOfTheFile(t *testing.T) {
	f := newFileTrail(t)
	f.deploys(1)
	f.write(f.read() + strings.Repeat(strings.Repeat("z", 1000)+"\n", 2*maxTailBytes/1000))
	if got, more := f.tail(0, 10); got != "" || !more {
		t.Errorf("got %s, %v", got, more)
	}
}

func TestTailWithoutFile(t *testing.T) {
	trail := newTrail(&streamSink{out: os.Stderr}, origin, zerolog.Nop(), time.Now)
	defer trail.Close()
	if _, _, err := trail.Tail(0, 1); !errors.Is(err, ErrNoFile) {
		t.Errorf("got %v", err)
	}
}
