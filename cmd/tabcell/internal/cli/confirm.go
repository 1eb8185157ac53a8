package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"tabcell/settings"
)

// maxAnswer is more than anybody types, bytes.
const maxAnswer = 1 << 10

// askToProceed asks TabPy's question about missing authentication, on stdout and stdin. Only "y" goes on; an end of the input is an error,
// so that a service which nobody answers does not look stopped on purpose. A signal ends the waiting.
func (f *App) askToProceed(s settings.Settings) (bool, error) {
	fmt.Fprintf(f.Stdout, "\nWARNING: this server has neither a password file nor bearer tokens: everybody who can reach %s, port %d, can use it.\n",
		s.Server.ListenHost(), s.Server.Port)
	if s.Evaluate.Enable {
		fmt.Fprintln(f.Stdout, "They can run Python scripts of their own, in sealed cells, since TABPY_EVALUATE_ENABLE is true.")
	}
	fmt.Fprint(f.Stdout, "\nDo you wish to proceed without authentication? (y/N): ")
	answer, err := f.answer()
	switch {
	case err != nil:
		return false, err
	case answer == "y":
		return true, nil
	}
	fmt.Fprintln(f.Stdout, "\nAborting start up. To enable authentication, make a password file with tabpy-user and name it in TABPY_PWD_FILE.")
	return false, nil
}

// answer reads a line, without its end.
func (f *App) answer() (string, error) {
	return f.await(func() (string, error) {
		text, err := bufio.NewReader(io.LimitReader(f.Stdin, maxAnswer)).ReadString('\n')
		if text == "" && err != nil {
			return "", errors.New("nobody answered: configure authentication, or start with --disable-auth-warning")
		}
		return strings.TrimRight(text, "\r\n"), nil
	})
}
