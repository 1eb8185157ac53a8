package cli

import (
	"fmt"
	"unicode/utf8"

	"tabcell/authn"

	"github.com/spf13/cobra"
)

const flagPasswordWarning = "warning: a password on the command line can be read by everybody on this machine, and stays in the shell's history"

// minPasswordLength: the least that NIST SP 800-63B allows, in characters.
const minPasswordLength = 8

func (a *App) passwordCommand(o *userOptions, verb, short string, run func(*userOptions) error) *cobra.Command {
	cmd := a.accountCommand(o, verb, short, run)
	cmd.Flags().StringVarP(&o.password, "password", "p", "", "the `password`; others can see it, so better type it or pipe it in")
	cmd.Flags().BoolVar(&o.generate, "generate", false, "make a password and print it, once")
	cmd.MarkFlagsMutuallyExclusive("password", "generate")
	cmd.PreRun = func(cmd *cobra.Command, _ []string) { o.fromFlag = cmd.Flags().Changed("password") }
	return cmd
}

func (a *App) addUser(o *userOptions) error {
	if err := authn.CheckName(o.name); err != nil {
		return err
	}
	return a.setPassword(o, true, func(file *authn.File, hash string) error { return file.Add(o.name, hash) })
}

func (a *App) updateUser(o *userOptions) error {
	return a.setPassword(o, false, func(file *authn.File, hash string) error { return file.Update(o.name, hash) })
}

// setPassword gets a password and changes the file. It tries the change before, so that nobody types a password for nothing.
func (a *App) setPassword(o *userOptions, missing bool, change func(file *authn.File, hash string) error) error {
	path, err := a.passwordFilePath(o)
	if err != nil {
		return err
	}
	if file, err := authn.ReadFile(path); err == nil {
		if err := change(file, "not yet"); err != nil {
			return addHint(o.name, path, err)
		}
	}
	password, err := a.newPassword(o)
	if err != nil {
		return err
	}
	hash, err := authn.NewHash(password)
	if err != nil {
		return err
	}
	if err := a.editPasswordFile(path, missing, func(file *authn.File) error { return change(file, hash) }); err != nil {
		return addHint(o.name, path, err)
	}
	if o.generate {
		_, err = fmt.Fprintln(a.Stdout, password)
	}
	return err
}

// newPassword is generated, or given on the command line, or typed twice, or the first line of standard input.
func (a *App) newPassword(o *userOptions) (string, error) {
	var password string
	var err error
	switch {
	case o.generate:
		return authn.GeneratePassword(), nil
	case o.fromFlag:
		fmt.Fprintln(a.Stderr, flagPasswordWarning)
		password = o.password
	default:
		password, err = a.readPassword()
	}
	if err == nil {
		err = authn.CheckPassword(password)
	}
	if n := utf8.RuneCountInString(password); err == nil && n < minPasswordLength {
		fmt.Fprintf(a.Stderr, "warning: a password of %d characters can be guessed; %d are the least that is any good\n", n, minPasswordLength)
	}
	return password, err
}
