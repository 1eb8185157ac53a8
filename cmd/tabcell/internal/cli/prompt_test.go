package cli

import (
	"errors"
	"os"
	"strings"
	"testing"
)

// A signal ends a prompt.
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
		t.Errorf("error %v, want errInterrupted", err)
	}
}

func TestReadLine(t *testing.T) {
	for text, want := range map[string]string{"": "", "a": "a", "a b \nc\n": "a b ", "a\r\n": "a", "\n": "", "a\rb": "a\rb"} {
		if got, err := readLine(strings.NewReader(text)); err != nil || got != want {
			t.Errorf("%q: %q %v", text, got, err)
		}
	}
}
