package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"tabcell/authn"

	"golang.org/x/term"
)

// mostSecret is more than anybody's password has, bytes.
const mostSecret = 64 << 10

// newPassword is generated, or given on the command line, or typed twice, or the first line of standard input.
func (f *App) newPassword(o *userOptions) (string, error) {
	var password string
	var err error
	switch {
	case o.generate:
		return authn.GeneratePassword(), nil
	case o.argv:
		fmt.Fprintln(f.Stderr, argvWarning)
		password = o.password
	default:
		password, err = f.typedPassword()
	}
	if err == nil {
		err = authn.CheckPassword(password)
	}
	if n := utf8.RuneCountInString(password); err == nil && n < shortPassword {
		fmt.Fprintf(f.Stderr, "warning: a password of %d characters can be guessed; %d are the least that is any good\n", n, shortPassword)
	}
	return password, err
}

func (f *App) typedPassword() (string, error) {
	terminal, ok := f.Stdin.(*os.File)
	if !ok || !term.IsTerminal(int(terminal.Fd())) {
		return f.await(func() (string, error) { return nextLine(f.Stdin) })
	}
	password, err := f.prompt(terminal, "New password: ")
	if err != nil || authn.CheckPassword(password) != nil {
		return password, err
	}
	again, err := f.prompt(terminal, "The same again: ")
	if err == nil && again != password {
		err = errors.New("the two are not the same; nothing was changed")
	}
	return password, err
}

// prompt reads a line without an echo, which is on again afterwards, also after a signal.
func (f *App) prompt(terminal *os.File, text string) (string, error) {
	fd := int(terminal.Fd())
	state, err := term.GetState(fd)
	if err != nil {
		return "", err
	}
	fmt.Fprint(f.Stderr, text)
	defer fmt.Fprintln(f.Stderr)
	line, err := f.await(func() (string, error) {
		raw, err := term.ReadPassword(fd)
		return string(raw), err
	})
	return line, errors.Join(err, term.Restore(fd, state))
}

// await reads, unless a signal comes first. The goroutine that reads may outlive it: nothing can end it, but the program.
func (f *App) await(read func() (string, error)) (string, error) {
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
	case <-f.Signals:
		return "", errInterrupted
	case r := <-got:
		return r.text, r.err
	}
}

// nextLine is what comes before the next line end, or the end of the input. It reads no further: the next question has the next line.
func nextLine(in io.Reader) (string, error) {
	var line []byte
	for one := make([]byte, 1); len(line) < mostSecret; {
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
func (f *App) ask(text string, secret bool) (string, error) {
	terminal, ok := f.Stdin.(*os.File)
	if ok && term.IsTerminal(int(terminal.Fd())) {
		if secret {
			return f.prompt(terminal, text)
		}
		fmt.Fprint(f.Stderr, text)
	}
	return f.await(func() (string, error) { return nextLine(f.Stdin) })
}
