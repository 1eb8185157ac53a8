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

// maxLineBytes limits the size of a line from standard input, such as a password.
const maxLineBytes = 64 << 10

// readPassword reads a new password: twice from a terminal, or else the next line of stdin.
func (a *App) readPassword() (string, error) {
	terminal, ok := a.Stdin.(*os.File)
	if !ok || !term.IsTerminal(int(terminal.Fd())) {
		return a.await(func() (string, error) { return readLine(a.Stdin) })
	}
	password, err := a.promptSecret(terminal, "New password: ")
	if err != nil || authn.CheckPassword(password) != nil {
		return password, err
	}
	repeated, err := a.promptSecret(terminal, "Repeat the password: ")
	if err == nil && repeated != password {
		err = errors.New("the two passwords differ; nothing was changed")
	}
	return password, err
}

// promptSecret prints text and reads a line from the terminal without echo. It restores the echo
// before it returns, also after a signal.
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

// await returns the result of read, or errInterrupted if a signal comes first. In that case read
// continues in its goroutine until the program ends, because a read from a terminal cannot be
// canceled.
func (a *App) await(read func() (string, error)) (string, error) {
	type result struct {
		text string
		err  error
	}
	done := make(chan result, 1)
	go func() {
		text, err := read()
		done <- result{text, err}
	}()
	select {
	case <-a.Signals:
		return "", errInterrupted
	case r := <-done:
		return r.text, r.err
	}
}

// readLine reads up to the next line end, or the end of the input, and returns the line without its
// end. It does not read further, so that the next prompt gets the next line.
func readLine(in io.Reader) (string, error) {
	var line []byte
	for char := make([]byte, 1); len(line) < maxLineBytes; {
		n, err := in.Read(char)
		if n == 1 && char[0] == '\n' {
			break
		}
		line = append(line, char[:n]...)
		if err == io.EOF {
			break
		}
		if err != nil {
			return "", err
		}
	}
	return strings.TrimSuffix(string(line), "\r"), nil
}

// promptLine returns the next line of stdin. If stdin is a terminal, it prints text before, and
// turns the echo off if secret is true.
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
