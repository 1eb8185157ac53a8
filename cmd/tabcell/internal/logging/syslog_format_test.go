package logging

import (
	"testing"
	"time"

	"tabcell/settings/pylog"
)

// TestSyslogTag checks that a format that names the program, which Python's handlers require, gets
// no second tag.
func TestSyslogTag(t *testing.T) {
	for format, tagged := range map[string]bool{
		"tabpy: %(message)s": true, "tabpy[%(process)d]: %(message)s": true, "%(message)s": false, "%(name)s: %(message)s": false,
		"a tabpy: %(message)s": false, "[tabpy] %(message)s": false,
	} {
		compiled, _ := pylog.ParseFormat(format, "", "")
		if ownTag.MatchString(compiled.Prefix()) != tagged {
			t.Errorf("%s: got tagged %v", format, !tagged)
		}
	}
	f := syslogFormat{facility: 1, host: "h "}
	if got := string(f.packet([]byte("tabpy: a\nb"), 50, time.Date(2025, 8, 1, 9, 0, 0, 0, time.UTC))); got != "<10>Aug  1 09:00:00 h tabpy: a b" {
		t.Errorf("got %q", got)
	}
}
