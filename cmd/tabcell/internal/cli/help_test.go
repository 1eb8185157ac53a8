package cli

import (
	"strings"
	"testing"
)

// The help of the program fits on a screen, although it lists every command.
func TestRootHelpFitsOnScreen(t *testing.T) {
	_, help, _ := runProgram("", "tabcell", "--help")
	lines := strings.Split(strings.TrimSpace(help), "\n")
	if len(lines) > 48 {
		t.Errorf("%d lines:\n%s", len(lines), help)
	}
	for _, line := range lines {
		if len(line) > 100 {
			t.Errorf("%d columns: %s", len(line), line)
		}
	}
	root := (&App{Args: []string{"tabcell"}}).rootCommand()
	for _, cmd := range root.Commands() {
		if listed := strings.Contains(help, "\n  "+cmd.Name()+" "); listed == cmd.Hidden {
			t.Errorf("%s: listed %v, hidden %v", cmd.Name(), listed, cmd.Hidden)
		}
	}
	for _, name := range commonFlags {
		if !strings.Contains(help, "\n  --"+name+" ") {
			t.Errorf("--%s is not a flag of the server any more", name)
		}
	}
}

func TestHelpExitCodes(t *testing.T) {
	for _, c := range []struct {
		args []string
		want int
	}{
		{[]string{"help"}, exitOK}, {[]string{"help", "settings"}, exitOK}, {[]string{"help", "config", "check"}, exitOK}, {[]string{"help", "nope"}, exitUsage},
		{[]string{"help", "config", "nope"}, exitUsage}, {[]string{"help", "settings", "nope"}, exitUsage}, {[]string{"--version"}, exitOK},
		{[]string{"--version", "x"}, exitUsage}, {[]string{"nope"}, exitUsage},
	} {
		if code, stdout, stderr := runProgram("", append([]string{"tabcell"}, c.args...)...); code != c.want || (stdout == "") != (code != exitOK) {
			t.Errorf("%q: exit code %d, want %d\n%s%s", c.args, code, c.want, stdout, stderr)
		}
	}
}
