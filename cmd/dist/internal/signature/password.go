package signature

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// Password returns a function for ReadKey. It reads the first line of a file, or of stdin if file
// is "-". If file is empty, it asks on the terminal. A password is never an argument, because other
// users can see those.
func Password(file string, stdin *os.File, prompt io.Writer) func() (string, error) {
	return func() (string, error) {
		switch {
		case file == "-":
			return firstLine(stdin)
		case file != "":
			f, err := os.Open(file)
			if err != nil {
				return "", err
			}
			defer f.Close()
			return firstLine(f)
		case !term.IsTerminal(int(stdin.Fd())):
			return "", errors.New("give the file that has its password with -password-file, or - for stdin")
		}
		fmt.Fprint(prompt, "Password of the key: ")
		password, err := term.ReadPassword(int(stdin.Fd()))
		fmt.Fprintln(prompt)
		return string(password), err
	}
}

func firstLine(r io.Reader) (string, error) {
	line, err := bufio.NewReader(r).ReadString('\n')
	if errors.Is(err, io.EOF) && line != "" {
		err = nil
	}
	return strings.TrimRight(line, "\r\n"), err
}
