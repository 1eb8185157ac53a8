package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// explainArguments makes the errors about the arguments of cmd and its subcommands name the
// argument, or the command that may have been meant. Those of cobra are such as "accepts 1 arg(s),
// received 0".
func explainArguments(cmd *cobra.Command) {
	for _, sub := range cmd.Commands() {
		explainArguments(sub)
	}
	check := cmd.Args
	if check == nil {
		return
	}
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return argumentError(cmd, args, err)
		}
		return nil
	}
}

// argumentError returns the error for arguments that cmd does not accept because of err.
func argumentError(cmd *cobra.Command, args []string, err error) error {
	required, optional := placeholders(cmd.Use)
	allowed := len(required) + len(optional)
	switch {
	case cmd.HasAvailableSubCommands() && len(args) > 0:
		return unknownCommand(cmd, args[0])
	case len(args) < len(required):
		return fmt.Errorf("the argument %s is missing", required[len(args)])
	case len(args) > allowed:
		return fmt.Errorf("unexpected argument %q", args[allowed])
	}
	return err
}

func unknownCommand(parent *cobra.Command, name string) error {
	text := fmt.Sprintf("unknown command %q for %q", name, parent.CommandPath())
	parent.SuggestionsMinimumDistance = 2 // the default of Find, which does not get here
	if near := parent.SuggestionsFor(name); len(near) > 0 {
		text += "; did you mean " + strings.Join(near, " or ") + "?"
	}
	return errors.New(text)
}

// placeholders returns the arguments that a usage line names, such as "export [flags] FILE
// [NAME...]". It leaves out flags and their values.
func placeholders(use string) (required, optional []string) {
	words := strings.Fields(use)[1:]
	for i := 0; i < len(words); i++ {
		switch word := words[i]; {
		case word == "[flags]":
		case strings.HasPrefix(word, "--"):
			i++ // its value
		case strings.HasPrefix(word, "["):
			optional = append(optional, word)
		default:
			required = append(required, word)
		}
	}
	return required, optional
}
