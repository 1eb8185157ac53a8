package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"tabcell/settings"
)

// maxAnswerBytes limits the size of an answer.
const maxAnswerBytes = 1 << 10

// confirmNoAuthentication asks TabPy's question on stdout whether to start without authentication,
// and reports whether the answer on stdin is "y". The end of the input is an error, so that a
// service without a terminal fails visibly instead of stopping with exit code 0. A signal returns
// errInterrupted.
func (a *App) confirmNoAuthentication(s settings.Settings) (bool, error) {
	fmt.Fprintf(a.Stdout, "\nWARNING: neither a password file nor bearer tokens are configured: everyone who can reach %s, port %d, can use the server.\n",
		s.Server.ListenHost(), s.Server.Port)
	if s.Evaluate.Enable {
		fmt.Fprintln(a.Stdout, "They can run their own Python scripts, in sealed cells, because TABPY_EVALUATE_ENABLE is true.")
	}
	fmt.Fprint(a.Stdout, "\nDo you wish to proceed without authentication? (y/N): ")
	answer, err := a.readAnswer()
	switch {
	case err != nil:
		return false, err
	case answer == "y":
		return true, nil
	}
	fmt.Fprintln(a.Stdout, "\nAborting start up. To enable authentication, create a password file with tabpy-user and set TABPY_PWD_FILE to its path.")
	return false, nil
}

// readAnswer reads a line from stdin and returns it without its end.
func (a *App) readAnswer() (string, error) {
	return a.await(func() (string, error) {
		text, err := bufio.NewReader(io.LimitReader(a.Stdin, maxAnswerBytes)).ReadString('\n')
		if text == "" && err != nil {
			return "", errors.New("standard input ended before an answer; configure authentication, or start with --disable-auth-warning")
		}
		return strings.TrimRight(text, "\r\n"), nil
	})
}
