package logging

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"tabcell/settings/pylog"
)

// timeRotation is the rotation of TimedRotatingFileHandler: NAME becomes NAME.DATE, with the date
// on which the period of the file began.
type timeRotation struct {
	when     pylog.When
	interval int
	backups  int // 0 keeps all files
	utc      bool
	at       time.Time // end of the current period
}

// dateLayouts has the layouts of the dates in file names, by the unit of the period.
var dateLayouts = map[byte]string{'S': "2006-01-02_15-04-05", 'M': "2006-01-02_15-04", 'H': "2006-01-02_15", 'D': "2006-01-02"}

var digit = regexp.MustCompile(`[0-9]`)

func newTimeRotation(f pylog.File, start time.Time) *timeRotation {
	t := &timeRotation{when: f.When, interval: f.Interval, backups: f.Backups, utc: f.UTC}
	t.at = t.periodEnd(start)
	return t
}

func (t *timeRotation) layout() string {
	if t.when.Midnight() {
		return dateLayouts['D']
	}
	return dateLayouts[t.when[0]]
}

// local returns a time in whole seconds, in the zone of midnight and of the dates in file names.
func (t *timeRotation) local(at time.Time) time.Time {
	if t.utc {
		at = at.UTC()
	}
	return at.Truncate(time.Second)
}

// periodEnd returns the end of a period that begins at the given time. Days end at midnight of
// local time, even if they are longer or shorter than 24 hours. W0 ends with Monday.
func (t *timeRotation) periodEnd(start time.Time) time.Time {
	start = t.local(start)
	if !t.when.Midnight() {
		return start.Add(time.Duration(t.interval) * t.when.Span())
	}
	days := t.interval
	if t.when[0] == 'W' {
		sinceMonday := (int(start.Weekday()) + 6) % 7
		days = (int(t.when[1]-'0')-sinceMonday+7)%7 + 1 + 7*(t.interval-1)
	}
	return time.Date(start.Year(), start.Month(), start.Day()+days, 0, 0, 0, 0, start.Location())
}

func (t *timeRotation) due(_, _ int64, now time.Time) bool { return !now.Before(t.at) }

// rotate keeps an existing file of the same date. In that case it does nothing until the next
// period ends, as Python 3.13 does. Earlier versions of Python overwrite the existing file.
func (t *timeRotation) rotate(path string, now time.Time) error {
	target := path + "." + t.periodStart(now).Format(t.layout())
	if _, err := os.Lstat(target); err == nil {
		t.at = t.periodEnd(now)
		return nil
	}
	if err := os.Rename(path, target); err != nil {
		return err
	}
	t.at = t.periodEnd(now)
	return t.removeOld(path)
}

// periodStart returns the start of the period that ends at t.at, as Python computes it: a fixed
// number of seconds earlier, corrected by one hour if daylight saving time has begun or ended
// since.
func (t *timeRotation) periodStart(now time.Time) time.Time {
	start := t.at.Add(-time.Duration(t.interval) * t.when.Span())
	if now = now.In(start.Location()); now.IsDST() && !start.IsDST() {
		return start.Add(time.Hour)
	} else if !now.IsDST() && start.IsDST() {
		return start.Add(-time.Hour)
	}
	return start
}

// removeOld removes the oldest rotated files that exceed the number of backups. It considers only
// names with a date in the current layout.
func (t *timeRotation) removeOld(path string) error {
	if t.backups == 0 {
		return nil
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return err
	}
	shape := digit.ReplaceAllString(t.layout(), "0")
	var dated []string
	for _, e := range entries {
		date, ok := strings.CutPrefix(e.Name(), filepath.Base(path)+".")
		if ok && digit.ReplaceAllString(date, "0") == shape {
			dated = append(dated, filepath.Join(filepath.Dir(path), e.Name()))
		}
	}
	slices.Sort(dated)
	for _, old := range dated[:max(0, len(dated)-t.backups)] {
		if err := os.Remove(old); err != nil {
			return err
		}
	}
	return nil
}
