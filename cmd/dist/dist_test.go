package main

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// TestCommandLine checks the errors of wrong command lines, which come before anything is built.
func TestCommandLine(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"tset"}, "unknown command tset"},
		{[]string{"-o", "x", "test"}, "cannot be used with the command test"},
		{[]string{"-platform", "linux/arm64", "vet"}, "cannot be used with the command vet"},
		{[]string{"-platform", "linux"}, `"linux" is not a platform`},
	} {
		if err := dist(c.args, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("dist %v: error %v, want %q", c.args, err, c.want)
		}
	}
	var text bytes.Buffer
	if err := dist([]string{"--help"}, io.Discard, &text); !errors.Is(err, flag.ErrHelp) || !strings.Contains(text.String(), "Usage:") {
		t.Errorf("dist --help: error %v, text %q", err, text.String())
	}
	if err := dist([]string{"-x"}, io.Discard, io.Discard); !errors.Is(err, errUsage) {
		t.Errorf("dist -x: %v", err)
	}
}

// TestEngines builds a program with the released and with the patched wazero. Only the second one
// has a digest, and neither finds the compiled code of the other in a cache folder that they share.
func TestEngines(t *testing.T) {
	if testing.Short() {
		t.Skip("builds wazero twice")
	}
	cache := t.TempDir()
	probe := func(patched bool) (engine string, files []string) {
		var out, messages bytes.Buffer
		command := exec.Command("go", "run", "./testdata/probe", cache)
		command.Stdout, command.Stderr = &out, &messages
		run := command.Run
		if patched {
			run = func() error { return dist([]string{"run", "./testdata/probe", cache}, &out, &messages) }
		}
		if err := run(); err != nil {
			t.Fatalf("patched %t: %v: %s", patched, err, messages.String())
		}
		lines := strings.Fields(out.String())
		return lines[0], lines[1:]
	}
	if engine, files := probe(false); engine != "stock" || len(files) != 1 {
		t.Errorf("the released wazero is %q and left the files %v, want stock and one file", engine, files)
	}
	engine, files := probe(true)
	if !regexp.MustCompile(`^[0-9a-f]{64}$`).MatchString(engine) || len(files) != 2 {
		t.Errorf("the patched wazero is %q and left the files %v, want a digest and a second file", engine, files)
	}
	if again, files := probe(true); again != engine || len(files) != 2 {
		t.Errorf("the second run of the patched wazero is %q with the files %v", again, files)
	}
}
