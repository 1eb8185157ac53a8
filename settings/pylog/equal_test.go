package pylog

import (
	"strings"
	"testing"

	"tabcell/settings/ini"
)

// TestEqual checks that a configuration is equal to itself after it was read again, also in other
// lines of the file, and differs when one of its options does.
func TestEqual(t *testing.T) {
	const text = "[loggers]\nkeys=root\n[handlers]\nkeys=h\n[formatters]\nkeys=f\n[logger_root]\nlevel=DEBUG\nhandlers=h\n" +
		"[formatter_f]\nformat=%(message)s\n[handler_h]\nformatter=f\nclass=StreamHandler\nargs=()\n"
	read := func(text string) *Config {
		t.Helper()
		file, err := ini.Dialect{}.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		log, _ := Read(file)
		return log
	}
	first := read(text)
	for name, c := range map[string]struct {
		text string
		want bool
	}{
		"the same":  {text, true},
		"comments":  {"# x\n\n" + text, true},
		"a level":   {strings.Replace(text, "DEBUG", "INFO", 1), false},
		"a format":  {strings.Replace(text, "%(message)s", "%(levelname)s", 1), false},
		"a default": {"[DEFAULT]\nclass=NullHandler\n" + text, false},
	} {
		if got := first.Equal(read(c.text)); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	var none *Config
	if first.Equal(nil) || none.Equal(first) || !none.Equal(nil) {
		t.Error("a missing configuration is equal to another, or not to itself")
	}
}
