package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"tabcell/settings"
)

// maxAnswerBytes is more than anybody types, bytes.
const maxAnswerBytes = 1 << 10

// confirmNoAuthentication asks TabPy's question about missing authentication, on stdout and stdin. Only "y" goes on; an end of the input is an error,
// so that a service which nobody answers does not look stopped on purpose. A signal ends the waiting.
func (a *App) confirmNoAuthentication(s settings.Settings) (bool, error) {
	fmt.Fprintf(a.Stdout, "\nWARNING: this server has neither a password file nor bearer tokens: everybody who can reach %s, port %d, can use it.\n",
		s.Server.ListenHost(), s.Server.Port)
	if s.Evaluate.Enable {
		fmt.Fprintln(a.Stdout, "They can run Python scripts of their own, in sealed cells, since TABPY_EVALUATE_ENABLE is true.")
	}
	fmt.Fprint(a.Stdout, "\nDo you wish to proceed without authentication? (y/N): ")
	answer, err := a.readAnswer()
	switch {
	case err != nil:
		return false, err
	case answer == "y":
		return true, nil
	}
	fmt.Fprintln(a.Stdout, "\nAborting start up. To enable authentication, make a password file with tabpy-user and name it in TABPY_PWD_FILE.")
	return false, nil
}

// answer reads a line, without its end.
func (a *App) readAnswer() (string, error) {
	return a.await(func() (string, error) {
		text, err := bufio.NewReader(io.LimitReader(a.Stdin, maxAnswerBytes)).ReadString('\n')
		if text == "" && err != nil {
			return "", errors.New("nobody answered: configure authentication, or start with --disable-auth-warning")
		}
		return strings.TrimRight(text, "\r\n"), nil
	})
}
