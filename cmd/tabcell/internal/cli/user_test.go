package cli

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestParseTabPyUser(t *testing.T) {
	for line, want := range map[string]string{
		"add -u a -f b":                             "add a  b",
		"add -p c -u a -f b":                        "add a c b",
		"-u a update -f b":                          "update a  b",
		"update -ua -pc -fb":                        "update a c b",
		"add --username a --pwdfile b --password c": "add a c b",
		"add --username=a --pwdfile=b --password=c": "add a c b",
		"add --user a --pwd b --pa c":               "add a c b",
		"add -u a -f b -p -x":                       "add a -x b",
		"add -u a -f b -p=x":                        "add a =x b",
	} {
		o, err := parseTabPyUser(strings.Fields(line))
		got := strings.Join([]string{o.verb, o.values["--username"], o.values["--password"], o.values["--pwdfile"]}, " ")
		if err != nil || got != want {
			t.Errorf("%q: %q %v, want %q", line, got, err, want)
		}
	}
	for _, line := range []string{"-h", "--help", "--h", "add -h", "add -u a -f b --help"} {
		if o, err := parseTabPyUser(strings.Fields(line)); err != nil || !o.help {
			t.Errorf("%q: %+v %v", line, o, err)
		}
	}
	for _, line := range []string{"", "add", "add -u a", "add -f b", "-u a -f b", "remove -u a -f b", "add update -u a -f b", "add -u a -u b -f c",
		"add -u a -f b -p", "add -u a -f b --p c", "add -u a -f b -x", "add -u a -f b --verbose", "add -u a -f b extra", "add -u= -f b --", "--help=x"} {
		if o, err := parseTabPyUser(strings.Fields(line)); err == nil {
			t.Errorf("%q: %+v", line, o)
		}
	}
	if o, _ := parseTabPyUser([]string{"add", "-u", "a", "-f", "b", "-p", ""}); !maps.Equal(o.values, map[string]string{"--username": "a", "--pwdfile": "b", "--password": ""}) {
		t.Errorf("an empty password is none: %v", o.values)
	}
}

// Whoever changes their mind at the prompt gets away.
func TestAwaitInterrupted(t *testing.T) {
	signals, read := make(chan os.Signal, 1), make(chan struct{})
	defer close(read)
	signals <- os.Interrupt
	a := &App{Signals: signals}
	_, err := a.await(func() (string, error) {
		<-read
		return "typed", nil
	})
	if !errors.Is(err, errInterrupted) {
		t.Errorf("%v", err)
	}
}

func TestNextLine(t *testing.T) {
	for text, want := range map[string]string{"": "", "a": "a", "a b \nc\n": "a b ", "a\r\n": "a", "\n": "", "a\rb": "a\rb"} {
		if got, err := readLine(strings.NewReader(text)); err != nil || got != want {
			t.Errorf("%q: %q %v", text, got, err)
		}
	}
}

// What is typed for nothing must not be asked for.
func TestUserChecksNameBeforePrompt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pwd.txt")
	if err := os.WriteFile(path, []byte("ann x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range []string{"add ann", "update bob", "add a:b"} {
		code, _, stderr := runProgram("", append([]string{"tabcell", "user", "-f", path}, strings.Fields(args)...)...)
		if code != exitFailed || strings.Contains(stderr, "the password is empty") {
			t.Errorf("%s: %d %s", args, code, stderr)
		}
	}
}
