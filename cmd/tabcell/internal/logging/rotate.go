package logging

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"tabcell/settings/pylog"
)

// bySize is RotatingFileHandler's: NAME becomes NAME.1, that becomes NAME.2, and so on up to the number of backups.
type bySize struct {
	most    int64 // bytes that a file does not reach; a longer line has one to itself
	backups int   // at least 1
}

func (b *bySize) due(size, add int64, _ time.Time) bool { return size > 0 && size+add >= b.most }

func (b *bySize) turn(path string, _ time.Time) error {
	numbers, err := b.numbers(path)
	if err != nil {
		return err
	}
	for _, n := range slices.Backward(numbers) {
		if err := os.Rename(numbered(path, n), numbered(path, n+1)); err != nil {
			return err
		}
	}
	return os.Rename(path, numbered(path, 1))
}

// numbers are those of the moved files that make room, in ascending order. The last one is overwritten.
func (b *bySize) numbers(path string) ([]int, error) {
	entries, err := os.ReadDir(filepath.Dir(path))
	var numbers []int
	for _, e := range entries {
		text, _ := strings.CutPrefix(e.Name(), filepath.Base(path)+".")
		if n, err := strconv.Atoi(text); err == nil && n >= 1 && n < b.backups && filepath.Base(numbered(path, n)) == e.Name() {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	return numbers, err
}

func numbered(path string, n int) string { return path + "." + strconv.Itoa(n) }

// byTime is TimedRotatingFileHandler's: NAME becomes NAME.DATE, the date being that of the beginning of the span.
type byTime struct {
	when     pylog.When
	interval int
	backups  int // 0 keeps all
	utc      bool
	at       time.Time // when the file is moved next
}

// Dates behind the names of moved files, and what they look like.
var (
	turnLayouts = map[byte]string{'S': "2006-01-02_15-04-05", 'M': "2006-01-02_15-04", 'H': "2006-01-02_15", 'D': "2006-01-02"}
	oneDigit    = regexp.MustCompile(`[0-9]`)
)

func newByTime(f pylog.File, start time.Time) *byTime {
	b := &byTime{when: f.When, interval: f.Interval, backups: f.Backups, utc: f.UTC}
	b.at = b.next(start)
	return b
}

func (b *byTime) layout() string {
	if b.when.Midnight() {
		return turnLayouts['D']
	}
	return turnLayouts[b.when[0]]
}

// clock is a time in the zone that midnight and dates are taken from, in whole seconds.
func (b *byTime) clock(t time.Time) time.Time {
	if b.utc {
		t = t.UTC()
	}
	return t.Truncate(time.Second)
}

// next is when a span ends that begins at t. Midnight is that of the clock on the wall, however long the day is; W0 ends with Monday.
func (b *byTime) next(t time.Time) time.Time {
	t = b.clock(t)
	if !b.when.Midnight() {
		return t.Add(time.Duration(b.interval) * b.when.Span())
	}
	days := b.interval
	if b.when[0] == 'W' {
		monday0 := (int(t.Weekday()) + 6) % 7
		days = (int(b.when[1]-'0')-monday0+7)%7 + 1 + 7*(b.interval-1)
	}
	return time.Date(t.Year(), t.Month(), t.Day()+days, 0, 0, 0, 0, t.Location())
}

func (b *byTime) due(_, _ int64, now time.Time) bool { return !now.Before(b.at) }

// turn does nothing but wait for the next span when there is a file of that date already: Python 3.13 leaves it alone too, and earlier ones
// lose it.
func (b *byTime) turn(path string, now time.Time) error {
	moved := path + "." + b.began(now).Format(b.layout())
	if _, err := os.Lstat(moved); err == nil {
		b.at = b.next(now)
		return nil
	}
	if err := os.Rename(path, moved); err != nil {
		return err
	}
	b.at = b.next(now)
	return b.clear(path)
}

// began is the beginning of the span that ends at b.at, as Python reckons it: a whole number of seconds before, corrected by the hour that
// the clock was changed by since.
func (b *byTime) began(now time.Time) time.Time {
	at := b.at.Add(-time.Duration(b.interval) * b.when.Span())
	if now = now.In(at.Location()); now.IsDST() && !at.IsDST() {
		return at.Add(time.Hour)
	} else if !now.IsDST() && at.IsDST() {
		return at.Add(-time.Hour)
	}
	return at
}

// clear removes the oldest of the moved files that are more than the backups. Only names that this kind of span makes count.
func (b *byTime) clear(path string) error {
	if b.backups == 0 {
		return nil
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return err
	}
	shape := oneDigit.ReplaceAllString(b.layout(), "0")
	var dated []string
	for _, e := range entries {
		date, ok := strings.CutPrefix(e.Name(), filepath.Base(path)+".")
		if ok && oneDigit.ReplaceAllString(date, "0") == shape {
			dated = append(dated, filepath.Join(filepath.Dir(path), e.Name()))
		}
	}
	slices.Sort(dated)
	for _, old := range dated[:max(0, len(dated)-b.backups)] {
		if err := os.Remove(old); err != nil {
			return err
		}
	}
	return nil
}
