package logging

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/term"
	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/settings"
	"tabcell/settings/pylog"

	"github.com/rs/zerolog"
)

func TestRecords(t *testing.T) {
	const id = "0b3c1f6e-2b1f-4b6e-9c1d-6f0a1b2c3d4e"
	for _, c := range []struct{ line, message, logger string }{
		{`{"level":"info","message":"plain"}`, "plain", startLogger},
		{`{"host":"localhost","port":9004,"ok":true,"none":null,"message":"m"}`, "m host=localhost port=9004 ok=true none=null", startLogger},
		{`{"call":"` + id + `","message":"m","run":1.5}`, "m run=1.5, <<call ID: " + id + ">>", requestLogger},
		{`{"call":"` + id + `","message":"Call ID: ` + id + `, Caller: x","remote":"x"}`, "Call ID: " + id + ", Caller: x", requestLogger},
		{`{"call":"` + id + `","logger":"tornado.access","method":"GET","path":"/x","status":404,"remote":"::1","took":1.5,"bytes":3,"message":"404 GET /x (::1) 1.50ms"}`,
			"404 GET /x (::1) 1.50ms bytes=3, <<call ID: " + id + ">>", accessLogger},
		{`{"call":"` + id + `","status":404,"message":"Responding with status=404, message=\"m\", info=\"i\""}`,
			`Responding with status=404, message="m", info="i", <<call ID: ` + id + ">>", requestLogger},
		{`{"took":2,"step":"compile","message":"done"}`, "done step=compile took=2", startLogger},
		{`{"error":"a \"quoted\" text","empty":"","message":""}`, ` error="a \"quoted\" text" empty=""`, startLogger},
		{`{"message":"a\nb\r\t\u001b[31m\u2028\u202e\u0000é"}`, `a\nb\r\t\x1b[31m\u2028\u202e\x00é`, startLogger},
		{`{"call":"x\ny>>","a":"b, <<call ID: z>>","c":"d\u0085e","message":"m"}`, `m a="b, <<call ID: z>>" c="d\u0085e", <<call ID: x\ny>>>>`, requestLogger},
		{`{"logger":"a","list":["x\u0007"],"message":"m"}`, `m list=["x\u0007"]`, "a"},
		{"no JSON\n", "no JSON", startLogger},
		{"", "", startLogger},
	} {
		r := readRecord([]byte(c.line))
		if r.Message != c.message || r.Logger != c.logger {
			t.Errorf("%s\ngot  %q %s\nwant %q %s", c.line, r.Message, r.Logger, c.message, c.logger)
		}
	}
}

// FuzzRecord: whatever is logged, it becomes one line that shows nothing but text, and says what was logged.
func FuzzRecord(f *testing.F) {
	for _, text := range []string{"", "m", "a\nb", `"`, `\`, "\u2028", "\x1b[0m", "{\"a\":1}", "\xff", ">>, <<call ID: x>>", "x=y"} {
		f.Add(text, text, text, "{}")
	}
	f.Add("m", "k", "v", `{"message":"m","a":{"b":[1,"}"]},"c":"\"}`)
	f.Fuzz(func(t *testing.T, message, key, value, raw string) {
		var line bytes.Buffer
		log := zerolog.New(&line)
		log.Info().Str(callKey, value).Str("k"+key, value).Strs("l", []string{key, value}).Interface("o", map[string]string{key: value}).Msg(message)
		if !json.Valid(line.Bytes()) {
			t.Skip("a field's name that is no text")
		}
		for _, text := range []string{line.String(), raw} {
			r := readRecord([]byte(text))
			if strings.ContainsFunc(r.Message, term.Hidden) {
				t.Fatalf("%q shows %q", text, r.Message)
			}
		}
		if r := readRecord(line.Bytes()); !strings.HasPrefix(r.Message, term.OneLine(string([]rune(message)))) || !strings.Contains(r.Message, " l=[") {
			t.Fatalf("%q became %q", line.String(), r.Message)
		}
	})
}

func TestSourceOfALine(t *testing.T) {
	var line bytes.Buffer
	log := zerolog.New(&line).Hook(sourceHook{})
	func() { log.Info().Msg("m") }()
	r := readRecord(line.Bytes())
	if r.File != "tabcell/cmd/tabcell/internal/logging/logging_test.go" || r.Line == 0 || r.Function != "TestSourceOfALine" || r.Message != "m" {
		t.Errorf("%+v", r)
	}
}

// sections are logger sections whose root has one handler.
func sections(handler, format string) string {
	return "[loggers]\nkeys=root\n[handlers]\nkeys=h\n[formatters]\nkeys=f\n[logger_root]\nlevel=DEBUG\nhandlers=h\n[formatter_f]\nformat=" + format +
		"\n[handler_h]\nformatter=f\n" + handler
}

func TestDefaultLog(t *testing.T) {
	for _, c := range []struct {
		format       string
		colour, text bool
		want         string
	}{
		{"auto", false, false, `^\{"level":"warn","a":"b","time":"[^"]+","message":"m"\}\n$`},
		{"auto", true, true, `^\x1b\[33m\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} WARNING m a=b\x1b\[0m\n$`},
		{"text", false, false, `^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} WARNING m a=b\n$`},
		{"json", true, true, `^\{"level":"warn"`},
		{"auto", false, true, `^\d{4}-\S+ \S+ WARNING m a=b\n$`},
		{"json", false, true, `^\{"level":"warn"`},
	} {
		var out bytes.Buffer
		log := New(settings.Log{Level: "info", Format: c.format}, Output{Stderr: &out, Color: c.colour, Text: c.text})
		log.Debug().Msg("no")
		log.Warn().Str("a", "b").Msg("m")
		if !regexp.MustCompile(c.want).MatchString(out.String()) {
			t.Errorf("%+v: %q", c, out.String())
		}
	}
}

func TestHandlersThatCannotBeOpened(t *testing.T) {
	folder := t.TempDir()
	testenv.WriteFile(t, filepath.Join(folder, "there"), "")
	for args, want := range map[string]string{
		"('missing/x.log',)": "no such file or directory; create the folder, or name another one in args",
		"('.',)":             "is a directory",
		"('there', 'x')":     "file exists; mode 'x' wants a file that does not exist",
	} {
		loaded, file := loadLog(t, folder, sections("class=FileHandler\nargs="+args, "%(message)s"))
		_, err := Open(file, loaded, Output{Stderr: io.Discard})
		if err == nil || !strings.HasPrefix(err.Error(), file+" line 16: log handler h cannot be opened: open "+folder) || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s: %v", args, err)
		}
	}
}

func TestAdviceOnPermissions(t *testing.T) { // the tests may run as root, who is refused nothing
	err := &fs.PathError{Op: "open", Path: "x", Err: syscall.EACCES}
	if said := adviceOn(err); !strings.Contains(said, "let the user who runs the server write there") {
		t.Error(said)
	}
	if said := adviceOn(errors.New("else")); said != "" {
		t.Error(said)
	}
}

// fileOf opens the handler of a file with a clock of the test's.
func fileOf(t *testing.T, kind pylog.Kind, f pylog.File, complaints io.Writer, clock *time.Time) *fileSink {
	t.Helper()
	now := func() time.Time { return *clock }
	s, err := openFile(pylog.Handler{Kind: kind, File: f}, &trouble{name: "h", out: complaints, now: now}, now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func put(t *testing.T, s sink, line string) {
	t.Helper()
	if err := s.put([]byte(line), &pylog.Record{}); err != nil {
		t.Fatal(err)
	}
}

func TestNewLogFilesAreTheOwnersOnly(t *testing.T) {
	folder := t.TempDir()
	path, clock := filepath.Join(folder, "x.log"), time.Unix(0, 0)
	s := fileOf(t, pylog.RotatingFileHandler, pylog.File{Path: path, MaxBytes: 5, Backups: 2}, io.Discard, &clock)
	put(t, s, "first")
	put(t, s, "second")
	for _, name := range []string{path, path + ".1"} {
		info, err := os.Stat(name)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", name, info, err)
		}
	}
	testenv.WriteFile(t, path+".w", "old\n")
	if err := os.Chmod(path+".w", 0o640); err != nil {
		t.Fatal(err)
	}
	put(t, fileOf(t, pylog.FileHandler, pylog.File{Path: path + ".w", Truncate: true}, io.Discard, &clock), "new")
	if info, err := os.Stat(path + ".w"); err != nil || info.Mode().Perm() != 0o640 || contents(t, folder)["x.log.w"] != "new\n" {
		t.Errorf("an existing file: %v %v %v", info, err, contents(t, folder))
	}
}

// logrotate moves the file away: WatchedFileHandler notices, FileHandler goes on in the moved one.
func TestWatchedFile(t *testing.T) {
	folder, clock := t.TempDir(), time.Unix(0, 0)
	plain := fileOf(t, pylog.FileHandler, pylog.File{Path: filepath.Join(folder, "plain")}, io.Discard, &clock)
	watched := fileOf(t, pylog.WatchedFileHandler, pylog.File{Path: filepath.Join(folder, "watched")}, io.Discard, &clock)
	for _, line := range []string{"one", "two", "three"} {
		put(t, plain, line)
		put(t, watched, line)
		for _, name := range []string{"plain", "watched"} {
			if line == "one" {
				if err := os.Rename(filepath.Join(folder, name), filepath.Join(folder, name+".old")); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	compareFiles(t, contents(t, folder), map[string]string{"plain.old": "one\ntwo\nthree\n", "watched.old": "one\n", "watched": "two\nthree\n"})
}

// Where a file cannot be moved away nothing is lost: lines go on into it, that is told, and tried again after a minute.
func TestFilesThatCannotBeMoved(t *testing.T) {
	for kind, blocked := range map[pylog.Kind]string{pylog.RotatingFileHandler: "x.log.1", pylog.TimedRotatingFileHandler: ""} {
		folder, clock := t.TempDir(), time.Date(2025, 8, 1, 10, 0, 0, 0, time.UTC)
		var complaints bytes.Buffer
		s := fileOf(t, kind, pylog.File{Path: filepath.Join(folder, "x.log"), MaxBytes: 4, Backups: 1, When: "S", Interval: 1, UTC: true}, &complaints, &clock)
		put(t, s, "one")
		clock = clock.Add(time.Second)
		if blocked != "" {
			if err := os.MkdirAll(filepath.Join(folder, blocked, "full"), 0o700); err != nil {
				t.Fatal(err)
			}
		} else { // a date that is there is left alone
			testenv.WriteFile(t, filepath.Join(folder, "x.log.2025-08-01_10-00-00"), "other\n")
		}
		put(t, s, "two")
		put(t, s, "three")
		if got := testenv.ReadFile(t, filepath.Join(folder, "x.log")); got != "one\ntwo\nthree\n" {
			t.Errorf("%d: %q", kind, got)
		}
		if told := strings.Count(complaints.String(), "tabcell: log handler h: rename "); told != map[bool]int{true: 1}[blocked != ""] {
			t.Errorf("%d: %q", kind, complaints.String())
		}
		if err := os.RemoveAll(filepath.Join(folder, "x.log.1")); err != nil {
			t.Fatal(err)
		}
		clock = clock.Add(retryTurn + time.Second)
		put(t, s, "four")
		if got := testenv.ReadFile(t, filepath.Join(folder, "x.log")); got != "four\n" {
			t.Errorf("%d: later: %q", kind, got)
		}
	}
}

// A file that vanished with its folder costs lines, which are counted, until the folder is back.
func TestFilesThatCannotBeOpenedAgain(t *testing.T) {
	folder, clock := filepath.Join(t.TempDir(), "logs"), time.Unix(0, 0)
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	var complaints bytes.Buffer
	s := fileOf(t, pylog.WatchedFileHandler, pylog.File{Path: filepath.Join(folder, "x.log")}, &complaints, &clock)
	o := &outlet{name: "h", sink: s, trouble: s.trouble}
	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		o.take(&pylog.Record{Message: "lost"})
	}
	clock = clock.Add(quiet)
	o.take(&pylog.Record{Message: "lost"})
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	o.take(&pylog.Record{Message: "back"})
	said := strings.Split(strings.TrimSpace(complaints.String()), "\n")
	if len(said) != 2 || !strings.HasSuffix(said[0], "(lines lost: 1)") || !strings.HasSuffix(said[1], "(lines lost: 3)") || !strings.Contains(said[0], "no such file") {
		t.Errorf("%q", said)
	}
	if got := testenv.ReadFile(t, filepath.Join(folder, "x.log")); got != "back\n" {
		t.Errorf("%q", got)
	}
}

// A full disk must not end requests.
func TestFullDisk(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("this host has no /dev/full")
	}
	loaded, file := loadLog(t, t.TempDir(), sections("class=handlers.RotatingFileHandler\nargs=('/dev/full','a',5,5)", "%(message)s"))
	var stderr bytes.Buffer
	log, err := Open(file, loaded, Output{Stderr: &stderr})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	for range 5 {
		log.Info().Msg("lost")
	}
	if said := stderr.String(); strings.Count(said, "\n") != 1 || !strings.Contains(said, "tabcell: log handler h: write /dev/full: no space left on device (lines lost: 1)") {
		t.Errorf("%q", said)
	}
}

func TestRecordsWithoutHandler(t *testing.T) {
	loaded, file := loadLog(t, t.TempDir(), "[loggers]\nkeys=root\n[handlers]\nkeys=\n[formatters]\nkeys=\n[logger_root]\nlevel=DEBUG\nhandlers=\n")
	var stderr bytes.Buffer
	log, err := Open(file, loaded, Output{Stderr: &stderr})
	if err != nil {
		t.Fatal(err)
	}
	log.Info().Msg("unheard")
	log.Warn().Msg("heard")
	if stderr.String() != "heard\n" {
		t.Errorf("%q", stderr.String())
	}
}

func TestUnheardLoggersAreNamed(t *testing.T) {
	loaded, file := loadLog(t, t.TempDir(), "[loggers]\nkeys=root,a,b\n[handlers]\nkeys=h\n[formatters]\nkeys=\n[logger_root]\nhandlers=h\n[handler_h]\nclass=StreamHandler\n"+
		"[logger_a]\nqualname=__main__\nhandlers=\n[logger_b]\nqualname=tabpy\nhandlers=\n")
	var stderr bytes.Buffer
	if _, err := Open(file, loaded, Output{Stderr: &stderr}); err != nil {
		t.Fatal(err)
	}
	if want := file + ` line 12: nothing is logged under the name "__main__" here: there are ` + startLogger; !strings.HasPrefix(stderr.String(), want) || strings.Count(stderr.String(), "\n") != 1 {
		t.Errorf("%q", stderr.String())
	}
}

// What no outlet takes is not even made.
func TestLogRouterLevel(t *testing.T) {
	for _, c := range []struct {
		root, access int
		want         zerolog.Level
	}{
		{0, 0, zerolog.TraceLevel}, {10, 0, zerolog.DebugLevel}, {30, 0, zerolog.WarnLevel}, {30, 10, zerolog.DebugLevel}, {20, 40, zerolog.InfoLevel}, {50, 0, zerolog.FatalLevel},
	} {
		router := &router{loggers: map[string]node{"": {level: c.root}, "tornado.access": {level: c.access}}}
		if got := router.level(); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

// Many goroutines, files that move while they are written, and every line comes once and whole.
func TestLogHammer(t *testing.T) {
	const writers, each = 8, 200
	folder := t.TempDir()
	loaded, file := loadLog(t, folder, sections("class=handlers.RotatingFileHandler\nargs=('x.log','a',500,10000)", "%(funcName)s %(message)s"))
	log, err := Open(file, loaded, Output{Stderr: t.Output()})
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	begin := make(chan struct{})
	for w := range writers {
		all.Go(func() {
			<-begin
			for i := range each {
				log.Info().Int("n", w*each+i).Msg("line")
			}
		})
	}
	close(begin)
	all.Wait()
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	lines := map[string]bool{}
	for name, text := range contents(t, folder) {
		if len(text) >= 500 {
			t.Errorf("%s has %d bytes", name, len(text))
		}
		for line := range strings.Lines(text) {
			lines[line] = true
		}
	}
	if len(lines) != writers*each || !lines["TestLogHammer line n=0\n"] {
		t.Errorf("%d lines of %d", len(lines), writers*each)
	}
	log.Info().Msg("too late")
}
