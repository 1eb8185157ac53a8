package cli

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"tabcell/settings"
)

func TestConfirmNoAuthentication(t *testing.T) {
	for input, want := range map[string]struct {
		proceed bool
		err     string
	}{
		"y\n":                            {proceed: true},
		"y\r\n":                          {proceed: true},
		"y":                              {proceed: true},
		"Y\n":                            {},
		" y\n":                           {},
		"yes\n":                          {},
		"\n":                             {},
		"":                               {err: "ended before an answer"},
		strings.Repeat("y", 1<<20):       {},
		"n\ny\n":                         {},
		strings.Repeat(" ", 1<<20) + "y": {},
	} {
		var out strings.Builder
		a := &App{Stdin: strings.NewReader(input), Stdout: &out}
		proceed, err := a.confirmNoAuthentication(settings.Defaults())
		if proceed != want.proceed || (err == nil) != (want.err == "") || err != nil && !strings.Contains(err.Error(), want.err) {
			t.Errorf("%.20q: proceed %v, error %v", input, proceed, err)
		}
		if !strings.Contains(out.String(), "Do you wish to proceed without authentication? (y/N): ") ||
			strings.Contains(out.String(), "Aborting start up") != (!want.proceed && want.err == "") {
			t.Errorf("%.20q: the output is\n%s", input, &out)
		}
	}
}

// A signal ends the program while it waits for an answer.
func TestConfirmInterrupted(t *testing.T) {
	stdin, writer := io.Pipe()
	defer writer.Close()
	signals := make(chan os.Signal, 1)
	signals <- os.Interrupt
	a := &App{Stdin: stdin, Stdout: io.Discard, Signals: signals}
	if proceed, err := a.confirmNoAuthentication(settings.Defaults()); proceed || !errors.Is(err, errInterrupted) {
		t.Errorf("proceed %v, error %v", proceed, err)
	}
}
