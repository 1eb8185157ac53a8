package logging

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/settings"
)

// sections returns logger sections in which the root logger has one handler with the given options.
func sections(handler, format string) string {
	return "[loggers]\nkeys=root\n[handlers]\nkeys=h\n[formatters]\nkeys=f\n[logger_root]\nlevel=DEBUG\nhandlers=h\n[formatter_f]\nformat=" + format +
		"\n[handler_h]\nformatter=f\n" + handler
}

func TestDefaultLog(t *testing.T) {
	for _, c := range []struct {
		format      string
		color, text bool
		want        string
	}{
		{"auto", false, false, `^\{"level":"warn","a":"b","time":"[^"]+","message":"m"\}\n$`},
		{"auto", true, true, `^\x1b\[33m\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} WARNING m a=b\x1b\[0m\n$`},
		{"text", false, false, `^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} WARNING m a=b\n$`},
		{"json", true, true, `^\{"level":"warn"`},
		{"auto", false, true, `^\d{4}-\S+ \S+ WARNING m a=b\n$`},
		{"json", false, true, `^\{"level":"warn"`},
	} {
		var out bytes.Buffer
		log := New(settings.Log{Level: "info", Format: c.format}, Output{Stderr: &out, Color: c.color, Text: c.text})
		log.Debug().Msg("below the level")
		log.Warn().Str("a", "b").Msg("m")
		if !regexp.MustCompile(c.want).MatchString(out.String()) {
			t.Errorf("%+v: got %q", c, out.String())
		}
	}
}

func TestOpenErrors(t *testing.T) {
	folder := t.TempDir()
	testenv.WriteFile(t, filepath.Join(folder, "existing"), "")
	for args, want := range map[string]string{
		"('missing/x.log',)": "no such file or directory; create the folder, or name another one in args",
		"('.',)":             "is a directory",
		"('existing', 'x')":  "file exists; mode 'x' requires a file that does not exist",
	} {
		loaded, file := loadLog(t, folder, sections("class=FileHandler\nargs="+args, "%(message)s"))
		_, err := Open(file, loaded, Output{Stderr: io.Discard})
		if err == nil || !strings.HasPrefix(err.Error(), file+" line 16: log handler h cannot be opened: open "+folder) || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s: got error %v", args, err)
		}
	}
}

// TestPermissionAdvice calls adviceFor directly, because the tests may run as root, which has all
// permissions.
func TestPermissionAdvice(t *testing.T) {
	err := &fs.PathError{Op: "open", Path: "x", Err: syscall.EACCES}
	if got := adviceFor(err); !strings.Contains(got, "give the user who runs the server write permission") {
		t.Errorf("%v: got %q", err, got)
	}
	if got := adviceFor(errors.New("another error")); got != "" {
		t.Errorf("another error: got %q", got)
	}
}
