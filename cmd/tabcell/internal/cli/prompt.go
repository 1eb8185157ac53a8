package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"tabcell/authn"

	"golang.org/x/term"
)

// maxLineBytes is more than anybody's password has, bytes.
const maxLineBytes = 64 << 10

func (a *App) readPassword() (string, error) {
	terminal, ok := a.Stdin.(*os.File)
	if !ok || !term.IsTerminal(int(terminal.Fd())) {
		return a.await(func() (string, error) { return readLine(a.Stdin) })
	}
	password, err := a.promptSecret(terminal, "New password: ")
	if err != nil || authn.CheckPassword(password) != nil {
		return password, err
	}
	again, err := a.promptSecret(terminal, "The same again: ")
	if err == nil && again != password {
		err = errors.New("the two are not the same; nothing was changed")
	}
	return password, err
}

// prompt reads a line without an echo, which is on again afterwards, also after a signal.
func (a *App) promptSecret(terminal *os.File, text string) (string, error) {
	fd := int(terminal.Fd())
	state, err := term.GetState(fd)
	if err != nil {
		return "", err
	}
	fmt.Fprint(a.Stderr, text)
	defer fmt.Fprintln(a.Stderr)
	line, err := a.await(func() (string, error) {
		raw, err := term.ReadPassword(fd)
		return string(raw), err
	})
	return line, errors.Join(err, term.Restore(fd, state))
}

// await reads, unless a signal comes first. The goroutine that reads may outlive it: nothing can end it, but the program.
func (a *App) await(read func() (string, error)) (string, error) {
	type result struct {
		text string
		err  error
	}
	got := make(chan result, 1)
	go func() {
		text, err := read()
		got <- result{text, err}
	}()
	select {
	case <-a.Signals:
		return "", errInterrupted
	case r := <-got:
		return r.text, r.err
	}
}

// readLine is what comes before the next line end, or the end of the input. It reads no further: the next question has the next line.
func readLine(in io.Reader) (string, error) {
	var line []byte
	for one := make([]byte, 1); len(line) < maxLineBytes; {
		n, err := in.Read(one)
		if n == 1 && one[0] == '\n' {
			break
		}
		line = append(line, one[:n]...)
		if err == io.EOF {
			break
		}
		if err != nil {
			return "", err
		}
	}
	return strings.TrimSuffix(string(line), "\r"), nil
}

// ask is a line of the terminal or of standard input.
func (a *App) promptLine(text string, secret bool) (string, error) {
	terminal, ok := a.Stdin.(*os.File)
	if ok && term.IsTerminal(int(terminal.Fd())) {
		if secret {
			return a.promptSecret(terminal, text)
		}
		fmt.Fprint(a.Stderr, text)
	}
	return a.await(func() (string, error) { return readLine(a.Stdin) })
}
